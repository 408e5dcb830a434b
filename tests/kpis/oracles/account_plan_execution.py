"""Actions as last set, on the day that they are due: done by then, or not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    done: dict[tuple[str, str], dt.date] = {}
    for event in of_type(events, "plan.action_completed"):
        done.setdefault(_key(event), event["occurred_at"].date())
    actions = {_key(event): event["data"] for event in of_type(events, "plan.action_set")}
    for key, data in actions.items():
        due_on = dt.date.fromisoformat(data["due_on"])
        weight = Decimal(str(data.get("weight", 1)))
        kept = key in done and done[key] <= due_on
        for window in windows:
            if window.start <= due_on < window.end:
                tally.add(key[0], window, weight if kept else 0, weight)
    return tally.ratios()


def _key(event: Event) -> tuple[str, str]:
    return event["account_id"], event["data"]["action_id"]
