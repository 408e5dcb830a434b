"""For each window, look back a year from its last day, certificate by certificate."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.pupils import MANAGERS, by_manager
from tests.kpis.tally import Event, Tally, Values, of_type

GRAINS = MANAGERS


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, new = Tally(), _new(events)
    for window in windows:
        for manager, day in new:
            # the windows of the simulation end with a month, or with a 15th
            if _a_year_before(window.end) <= day < window.end:
                tally.add(manager, window, 1)
    return by_manager(tally.sums())


def _new(events: list[Event]) -> list[tuple[str, dt.date]]:
    held: dict[tuple[str, str], dt.date] = {}
    found = []
    for event in of_type(events, "certification.awarded"):
        key, day = (event["manager_id"], event["data"]["name"]), event["occurred_at"].date()
        if day >= held.get(key, dt.date.min):
            found.append((event["manager_id"], day))
        expires_on = event["data"].get("expires_on")
        held[key] = dt.date.fromisoformat(expires_on) if expires_on else dt.date.max
    return found


def _a_year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1)
