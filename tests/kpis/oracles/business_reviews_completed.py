"""Each review once, where it was last said to be held."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    held = of_type(events, "review.held")
    for event in {(e["account_id"], e["data"]["review_id"]): e for e in held}.values():
        for window in around(windows, event["occurred_at"]):
            tally.add(event["account_id"], window, 1)
    return tally.sums()
