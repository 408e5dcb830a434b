"""Sessions one by one, in minutes."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.pupils import MANAGERS, by_manager
from tests.kpis.tally import Event, Tally, Values, around, of_type

GRAINS = MANAGERS


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for event in of_type(events, "coaching.held"):
        for window in around(windows, event["occurred_at"]):
            tally.add(event["manager_id"], window, Fraction(event["data"]["minutes"], 60))
    return by_manager(tally.sums())
