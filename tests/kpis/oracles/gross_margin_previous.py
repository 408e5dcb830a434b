"""The gross margin of the same days, as many months earlier as the window is long."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.oracles.gross_margin import margin
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return margin(events, windows, before=True).ratios()
