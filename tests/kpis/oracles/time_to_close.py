"""Days from opening to winning, deal by deal, and their mean."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.deals import lengths
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return {
        key: sum(days, Fraction(0)) / len(days) for key, days in lengths(events, windows).items()
    }
