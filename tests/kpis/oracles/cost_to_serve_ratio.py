"""Cost to serve over revenue, from the days on which each amount counts."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.amounts import amounts, costs, margins
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return ratio(events, windows)


def ratio(events: list[Event], windows: list[Window], *, before: bool = False) -> Values:
    """Return the ratio of each window, or of the one before it."""
    above, below = costs(events, "cost_to_serve"), amounts(events, "revenue.recognized")
    return margins(windows, above, below, before=before).ratios()
