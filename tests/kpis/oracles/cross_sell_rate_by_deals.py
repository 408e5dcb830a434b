"""Every cross_sell deal, from the window in which it was last closed."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.tally import Event, Values
from tests.kpis.trade import decided


def expected(events: list[Event], windows: list[Window]) -> Values:
    return decided(events, windows, "cross_sell")
