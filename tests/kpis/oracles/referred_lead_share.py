"""Leads one by one, and what they first said of how they heard about us."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around
from tests.kpis.trade import leads


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for lead in leads(events):
        if lead.created is None:
            continue
        source = lead.created["data"].get("source")
        referrer = lead.created["data"].get("referring_account_id")
        if source or referrer:
            for window in around(windows, lead.created["occurred_at"]):
                tally.add(None, window, int(bool(referrer) or source in {"referral", "client"}))
    return tally.ratios()
