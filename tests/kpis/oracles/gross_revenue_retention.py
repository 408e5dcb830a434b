"""Two looks at each window: what each customer is worth when it begins, and when it ends."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.cover import Book
from tests.kpis.tally import Event, Tally, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return retained(events, windows, min)


def retained(
    events: list[Event], windows: list[Window], kept: Callable[[Decimal, Decimal], Decimal]
) -> Values:
    """Return the share of the worth at the start that is kept, unless a rate is missing."""
    book, tally, unknown = Book(events), Tally(), set()
    for window in windows:
        for account in book.accounts:
            if not book.covered(account, window.start):
                continue
            before, after = (book.worth(account, day) for day in (window.start, window.end))
            if before is None or after is None:
                unknown |= {(account, window.period), ("organisation", window.period)}
            else:
                tally.add(account, window, kept(before, after), before)
    return {key: value for key, value in tally.ratios().items() if key[1:] not in unknown}
