"""Sightings told as stories: each judged two days after it began."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.patience import answered
from tests.kpis.tally import Event, Tally, Values, around

PROMISED = dt.timedelta(hours=48)


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for story in answered(events, "competitor.sighted", "competitor.responded", "sighting_id"):
        in_time = story.answered_at is not None and story.answered_at - story.asked_at <= PROMISED
        for window in around(windows, story.asked_at + PROMISED):
            tally.add(story.account, window, int(in_time))
    return tally.ratios()
