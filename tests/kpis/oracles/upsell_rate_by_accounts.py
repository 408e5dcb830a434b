"""The same customers: did they buy more of it?"""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.oracles.cross_sell_rate import to_customers
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return to_customers(events, windows, "upsell")
