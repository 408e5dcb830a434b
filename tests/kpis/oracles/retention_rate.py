"""Two looks at each window: who is a customer when it begins, and who still when it ends."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.cover import Book
from tests.kpis.tally import Event, Tally, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    book, tally = Book(events), Tally()
    for window in windows:
        for account in book.accounts:
            if book.covered(account, window.start):
                tally.add(account, window, int(book.covered(account, window.end)))
    return tally.ratios()
