"""Day by day through each window: not a customer, then one, then none again."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.cover import DAY, Book
from tests.kpis.tally import Event, Tally, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    book, tally = Book(events), Tally()
    for window in windows:
        for account in book.accounts:
            days = range((window.end - window.start).days + 1)
            covered = [book.covered(account, window.start + day * DAY) for day in days]
            if not covered[0] and True in covered and False in covered[covered.index(True) :]:
                tally.add(account, window, 1)
    return tally.sums()
