"""By what part one ratio is below the other."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.oracles.cost_to_serve_ratio import ratio
from tests.kpis.tally import Event, Values

TOLERANCE = Fraction(1, 10**6)
"""The engine's products of two amounts keep six digits: of amounts below 1 that shows."""


def expected(events: list[Event], windows: list[Window]) -> Values:
    now, before = (ratio(events, windows, before=b) for b in (False, True))
    return {key: 1 - now[key] / before[key] for key in now.keys() & before.keys() if before[key]}
