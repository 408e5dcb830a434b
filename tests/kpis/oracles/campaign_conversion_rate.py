"""For each target of each campaign, look through the account's deals for one because of it."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around, of_type
from tests.kpis.trade import won


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, sold = Tally(), list(won(events))
    targets: dict[tuple[str, str], Event] = {}
    for event in of_type(events, "campaign.targeted"):
        targets.setdefault((event["account_id"], event["data"]["campaign_id"]), event)
    for (account, campaign), event in targets.items():
        bought = any(
            trade.account == account
            and trade.last("campaign_id") == campaign
            and trade.closed_at is not None
            and trade.closed_at >= event["occurred_at"]
            for trade in sold
        )
        for window in around(windows, event["occurred_at"]):
            tally.add(account, window, int(bought))
    return tally.ratios()
