"""Day by day through each window: whoever was a customer, and on some day no more."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.cover import DAY, Book
from tests.kpis.tally import Event, Tally, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    book, tally = Book(events), Tally()
    for window in windows:
        days = range(1, (window.end - window.start).days + 1)
        for account in book.accounts:
            if book.covered(account, window.start):
                gone = any(not book.covered(account, window.start + day * DAY) for day in days)
                tally.add(account, window, int(gone))
    return tally.ratios()
