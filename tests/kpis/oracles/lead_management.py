"""Leads one by one, once they have had their thirty days."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around
from tests.kpis.trade import leads

GIVEN = dt.timedelta(days=30)


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, as_of = Tally(), max(window.t1 for window in windows)
    for lead in leads(events):
        if lead.created is None or lead.created["occurred_at"] + GIVEN > as_of:
            continue
        due = lead.created["occurred_at"] + GIVEN
        in_time = lead.qualified is not None and lead.qualified["occurred_at"] <= due
        for window in around(windows, lead.created["occurred_at"]):
            tally.add(None, window, int(in_time))
    return tally.ratios()
