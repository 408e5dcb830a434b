"""Visits that reached a goal over all visits."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.amounts import cut, margins
from tests.kpis.money import Rates
from tests.kpis.oracles.website_traffic import standing
from tests.kpis.tally import Event, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    rates = Rates([])
    reached = cut(standing(of_type(events, "web.goal_counted")), "count", rates)
    visits = cut(standing(of_type(events, "web.visits_counted")), "visits", rates)
    return margins(windows, reached, visits).ratios()
