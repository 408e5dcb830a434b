"""One rating of each proposal: the customer's last, or the manager's last where there is none."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    standing: dict[tuple[str, str], Event] = {}
    for event in of_type(events, "proposal.rated"):
        key = event["account_id"], event["data"]["proposal_id"]
        by_customer = key in standing and standing[key]["data"]["rater"] == "customer"
        if event["data"]["rater"] == "customer" or not by_customer:
            standing[key] = event
    tally = Tally()
    for (account, _), event in standing.items():
        for window in around(windows, event["occurred_at"]):
            tally.add(account, window, 25 * (event["data"]["score"] - 1))
    return tally.ratios()
