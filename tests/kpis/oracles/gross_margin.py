"""Revenue less cost of goods sold, over revenue, from the days on which each amount counts."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.amounts import Unsure, amounts, costs, less, margins
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return margin(events, windows).ratios()


def margin(events: list[Event], windows: list[Window], *, before: bool = False) -> Unsure:
    """Add up gross profit over revenue, of each window or of the one before it."""
    revenue = amounts(events, "revenue.recognized")
    return margins(windows, revenue + less(costs(events, "cogs")), revenue, before=before)
