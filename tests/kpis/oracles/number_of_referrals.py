"""Referrals by name, each at the first time that it was heard."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, heard = Tally(), set()
    for event in of_type(events, "referral.received"):
        name = (event["account_id"], event["data"]["referral_id"])
        if name not in heard:
            heard.add(name)
            for window in around(windows, event["occurred_at"]):
                tally.add(event["account_id"], window, 1)
    return tally.sums()
