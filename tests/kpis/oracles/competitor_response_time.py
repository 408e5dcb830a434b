"""Sightings told as stories: seen, and perhaps responded to; the story in the middle counts."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.patience import HOUR, answered, median_by_window
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    stories = answered(events, "competitor.sighted", "competitor.responded", "sighting_id")
    return median_by_window(stories, windows, Fraction(HOUR))
