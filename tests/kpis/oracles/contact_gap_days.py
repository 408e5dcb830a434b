"""For each customer at a window's end, look back for the last touch."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.cover import DAY, Book
from tests.kpis.talk import active_at_end, completed, first_owned
from tests.kpis.tally import Event, Tally, Values

A_DAY = 86_400_000_000


def expected(events: list[Event], windows: list[Window]) -> Values:
    book, owned, tally = Book(events), first_owned(events), Tally()
    touched: dict[str, list[dt.datetime]] = {}
    for touch in completed(events):
        touched.setdefault(touch["account_id"], []).append(touch["occurred_at"])
    for account, window in active_at_end(book, windows):
        moments = [moment for moment in touched.get(account, ()) if moment < window.t1]
        since = max(moments, default=owned.get(account, window.t1))
        if since >= window.t1:
            since = _became_customer(book, account, window)
        tally.add(account, window, (window.t1 - since) // dt.timedelta(microseconds=1), A_DAY)
    return tally.ratios()


def _became_customer(book: Book, account: str, window: Window) -> dt.datetime:
    day = window.end - DAY
    while book.covered(account, day - DAY):
        day -= DAY
    return dt.datetime.combine(day, dt.time(), dt.UTC)
