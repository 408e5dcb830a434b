"""Each review on the day by which it was due, as last scheduled and as last held."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.bonds import last_instant
from tests.kpis.tally import Event, Tally, Values, around, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    held = {_key(event): event["occurred_at"] for event in of_type(events, "review.held")}
    scheduled = {_key(event): event for event in of_type(events, "review.scheduled")}
    for key, event in scheduled.items():
        due_at = last_instant(event["data"]["due_on"])
        for window in around(windows, due_at):
            tally.add(event["account_id"], window, int(key in held and held[key] <= due_at))
    return tally.ratios()


def _key(event: Event) -> tuple[str, str]:
    return event["account_id"], event["data"]["review_id"]
