"""Calls told as stories: the minutes until somebody answers, where somebody does."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.patience import MINUTE, answered, mean_by_window
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    stories = answered(events, "call.received", "call.answered", "call_id")
    return mean_by_window(stories, windows, Fraction(MINUTE))
