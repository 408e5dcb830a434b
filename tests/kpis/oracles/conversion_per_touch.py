"""For each deal decided, go through its touches: if it was won, one of them won it."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.deals import deals
from tests.kpis.talk import completed
from tests.kpis.tally import Event, Tally, Values, around

COUNTED = {"meeting", "video", "call", "email"}


def expected(events: list[Event], windows: list[Window]) -> Values:
    touches, tally = completed(events), Tally()
    for deal in deals(events):
        if deal.outcome is None or deal.closed_at is None:
            continue
        took = sum(
            touch["data"].get("deal_id") == deal.deal_id
            and touch["account_id"] == deal.account
            and touch["data"]["channel"] in COUNTED
            and (deal.opened_at or touch["occurred_at"]) <= touch["occurred_at"] <= deal.closed_at
            for touch in touches
        )
        for window in around(windows, deal.closed_at) if took else ():
            tally.add(deal.account, window, int(deal.outcome == "won"), took)
    return tally.ratios()
