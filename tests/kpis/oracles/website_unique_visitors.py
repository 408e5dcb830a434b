"""Unique visitors where somebody counted them for just these days."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.oracles.website_traffic import standing
from tests.kpis.tally import Event, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    found: Values = {}
    for window in windows:
        whole = {"period_start": f"{window.start}", "period_end": f"{window.end}"}
        for event in standing(of_type(events, "web.visits_counted")):
            data = event["data"]
            if whole.items() <= data.items() and data.get("unique") is not None:
                key = ("organisation", "organisation", window.period)
                found[key] = found.get(key, Fraction(0)) + data["unique"]
    return found
