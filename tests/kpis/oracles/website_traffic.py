"""Visits as last counted by each source for each period, month by month."""

from __future__ import annotations

from collections.abc import Iterable

from kamengine.periods import Window
from tests.kpis.amounts import cut, margins
from tests.kpis.money import Rates
from tests.kpis.tally import Event, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    visits = cut(standing(of_type(events, "web.visits_counted")), "visits", Rates([]))
    return margins(windows, visits, []).sums()


def standing(events: Iterable[Event]) -> list[Event]:
    """Return the counts that no later one of the same source, goal and period replaces."""
    found = {}
    for event in events:
        data = event["data"]
        period = data["period_start"], data["period_end"]
        found[event.get("source"), data.get("goal_id"), *period] = event
    return list(found.values())
