"""At each window's end, the last word of every customer on every category."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.cover import Book
from tests.kpis.talk import active_at_end
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, told = Tally(), of_type(events, "supplier.status_changed")
    for account, window in active_at_end(Book(events), windows):
        words = {
            e["data"]["category"]: e["data"]["status"]
            for e in told
            if e["account_id"] == account and e["occurred_at"] < window.t1
        }
        tally.add(account, window, int(bool({"preferred", "sole"} & set(words.values()))))
    return tally.ratios()
