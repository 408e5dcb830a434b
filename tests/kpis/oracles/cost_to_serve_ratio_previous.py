"""The cost to serve of the same days, as many months earlier as the window is long."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.oracles.cost_to_serve_ratio import ratio
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return ratio(events, windows, before=True)
