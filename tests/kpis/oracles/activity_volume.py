"""Working days one by one, for each manager who was there when they began."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.bonds import employments, within
from tests.kpis.cover import DAY
from tests.kpis.talk import completed
from tests.kpis.tally import Event, Tally, Values, around

CHANNELS = {"call", "email", "video", "meeting", "chat"}


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, employed = Tally(), employments(events)
    for touch in completed(events):
        there = within(employed.get(touch["manager_id"], []), touch["occurred_at"])
        if there and touch["data"]["channel"] in CHANNELS:
            for window in around(windows, touch["occurred_at"]):
                tally.add(touch["account_id"], window, 1, 0)
    for window in windows:
        for number in range((window.end - window.start).days):
            day = window.start + number * DAY
            begins = dt.datetime.combine(day, dt.time(), dt.UTC)
            if day.weekday() < 5:
                there_then = sum(within(spells, begins) for spells in employed.values())
                tally.add(None, window, 0, there_then)
    return tally.ratios()
