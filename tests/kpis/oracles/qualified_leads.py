"""Leads one by one, from the window in which they first qualified."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around
from tests.kpis.trade import leads


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for lead in leads(events):
        if lead.qualified is not None:
            for window in around(windows, lead.qualified["occurred_at"]):
                tally.add(None, window, 1)
    return tally.sums()
