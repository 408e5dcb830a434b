"""A target proposed from what was reached: ambitious, and known to be within reach.

Of all values that subjects had, the floor is where the worst quarter ends, the target where the
best three in ten begin, and the stretch where the best tenth begins. So the target lies between
the 50th and the 90th percentile of what people did reach. A band holds the middle half, and its
outer floors the middle nine in ten. A percentile is the value at the nearest rank: one that
somebody had, rounded to three digits to the easier side, so that whoever had it meets it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction

import msgspec

from kamengine.config.levels import Band, Goal, Target
from kamengine.kpi import KPI
from kamengine.scorecard.attainment import FULL, attainment

FLOOR, TARGET, STRETCH = 25, 70, 90
LOW, HIGH, FLOOR_LOW, FLOOR_HIGH = 25, 75, 5, 95
ENOUGH = 10
"""Values from which something can be said of percentiles."""

DOWN, UP = Context(prec=3, rounding=ROUND_FLOOR), Context(prec=3, rounding=ROUND_CEILING)


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed goal, and how many would have met it.

    Attributes:
        kpi: The KPI.
        count: How many values there were.
        median: The 50th percentile, from worst to best.
        best: The 90th percentile.
        goal: What is proposed; None where there are too few values.
        met: How many values meet it.
        present: The goal that holds now; None where there is none.
        present_met: How many values meet that.
        reason: Why nothing is proposed.
    """

    kpi: KPI
    count: int
    median: Fraction | None = None
    best: Fraction | None = None
    goal: Goal | None = None
    met: int = 0
    present: Goal | None = None
    present_met: int = 0
    reason: str | None = None


def propose(kpi: KPI, values: Sequence[Fraction], present: Goal | None = None) -> Proposal:
    """Propose a goal.

    Args:
        kpi: The KPI.
        values: What subjects reached, each for one period.
        present: The goal that holds now. Where it is a band, a band is proposed.
    """
    met = _met(kpi, values, present)
    if len(values) < ENOUGH:
        reason = f"only {len(values)} of at least {ENOUGH} values needed"
        return Proposal(kpi=kpi, count=len(values), present=present, present_met=met, reason=reason)
    ranked = sorted(values, reverse=kpi.better == "lower")
    banded = kpi.better == "band" or isinstance(present, Band)
    goal = _band(ranked) if banded else _target(ranked, UP if kpi.better == "lower" else DOWN)
    return Proposal(
        kpi=kpi,
        count=len(values),
        median=percentile(ranked, 50),
        best=percentile(ranked, STRETCH),
        goal=goal,
        met=_met(kpi, values, goal),
        present=present,
        present_met=met,
    )


def percentile(ranked: Sequence[Fraction], percent: int) -> Fraction:
    """Return the value at the nearest rank: the first that so many percent don't surpass."""
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def _target(ranked: Sequence[Fraction], easier: Context) -> Target:
    floor, target, stretch = (
        _level(percentile(ranked, p), easier) for p in (FLOOR, TARGET, STRETCH)
    )
    if floor == target:
        floor = _level(
            ranked[0], easier
        )  # most reach the very same: the worst is what tells them apart
    return Target(floor=floor, target=target, stretch=None if stretch == target else stretch)


def _band(ranked: Sequence[Fraction]) -> Band:
    rising = sorted(ranked)
    low, floor_low = (_level(percentile(rising, p), DOWN) for p in (LOW, FLOOR_LOW))
    high, floor_high = (_level(percentile(rising, p), UP) for p in (HIGH, FLOOR_HIGH))
    return Band(low=low, high=high, floor_low=floor_low, floor_high=floor_high)


def _level(value: Fraction, easier: Context) -> Decimal:
    """Round to three digits, and write no more of them than are needed."""
    rounded = easier.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize()
    return Decimal(f"{rounded:f}")


def _met(kpi: KPI, values: Sequence[Fraction], goal: Goal | None) -> int:
    if goal is None:
        return 0
    return sum(attainment(value, goal, kpi.better) >= FULL for value in values)
