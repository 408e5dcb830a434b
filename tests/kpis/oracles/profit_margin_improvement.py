"""One margin less the other, in points."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.amounts import differences
from tests.kpis.oracles.gross_margin import margin
from tests.kpis.tally import Event, Values

TOLERANCE = Fraction(1, 10**4)
"""The engine's products of two amounts keep six digits: of amounts below 1 that shows."""


def expected(events: list[Event], windows: list[Window]) -> Values:
    now, before = (margin(events, windows, before=b).ratios() for b in (False, True))
    return {key: 100 * gap for key, gap in differences(now, before).items()}
