"""The same days in order of length, and the one 0.5 of the way up."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.deals import quantiles
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return quantiles(events, windows, Fraction(50, 100))
