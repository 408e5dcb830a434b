"""Required courses one by one, on the day that each is due."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.pupils import MANAGERS, away, by_manager
from tests.kpis.tally import Event, Tally, Values, around, of_type

DAY, MICROSECOND = dt.timedelta(days=1), dt.timedelta(microseconds=1)
GRAINS = MANAGERS


def expected(events: list[Event], windows: list[Window]) -> Values:
    done: dict[tuple[str, str], dt.date] = {}
    for event in of_type(events, "training.completed"):
        done.setdefault(_key(event), event["occurred_at"].date())
    last = {_key(event): event["data"] for event in of_type(events, "training.assigned")}
    tally = Tally()
    for (manager, course), data in last.items():
        due_on = dt.date.fromisoformat(data["due_on"])
        due_by = dt.datetime.combine(due_on, dt.time(), dt.UTC) + DAY - MICROSECOND
        if data.get("mandatory", True) and not away(events, manager, due_by):
            in_time = done.get((manager, course), dt.date.max) <= due_on
            for window in around(windows, due_by):
                tally.add(manager, window, int(in_time))
    return by_manager(tally.ratios())


def _key(event: Event) -> tuple[str, str]:
    return event["manager_id"], event["data"]["course_id"]
