"""At each window's end, the last assessment of every customer: likely to leave or not."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.cover import Book
from tests.kpis.talk import active_at_end
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for window, event in standing(events, windows):
        likely = Decimal(str(event["data"]["likelihood"])) >= Decimal("0.5")
        tally.add(event["account_id"], window, int(likely))
    return tally.ratios()


def standing(events: list[Event], windows: list[Window]) -> Iterator[tuple[Window, Event]]:
    """Yield each window with the last assessment by its end of each of its customers."""
    told = of_type(events, "risk.assessed")
    for account, window in active_at_end(Book(events), windows):
        own = [e for e in told if e["account_id"] == account and e["occurred_at"] < window.t1]
        if own:
            yield window, own[-1]
