"""The mean attainment of what leads less that of what lags, from the other oracles' values."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis import programme
from tests.kpis.tally import Event, Values

TOLERANCE = Fraction(1, 1_000_000)


def expected(events: list[Event], windows: list[Window]) -> Values:
    attained = programme.attainments(events, windows)
    found: Values = {}
    for key in programme.keys(attained):
        leading = programme.mean(attained, programme.LEADING, key)
        lagging = programme.mean(attained, programme.LAGGING, key)
        if leading is not None and lagging is not None:
            found[key] = 100 * (leading - lagging)
    return found
