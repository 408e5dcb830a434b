"""The index of frequency and quality, each told on its own."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.oracles import account_engagement_attainment, account_engagement_quality
from tests.kpis.tally import Event, Values

TOLERANCE = 50 * account_engagement_attainment.TOLERANCE


def expected(events: list[Event], windows: list[Window]) -> Values:
    attained = account_engagement_attainment.expected(events, windows)
    quality = account_engagement_quality.expected(events, windows)
    return {
        key: 50 * min(Fraction(1), attained[key]) + 50 * (quality[key] - 1) / 4
        for key in attained.keys() & quality.keys()
    }
