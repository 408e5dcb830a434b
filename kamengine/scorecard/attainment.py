"""How much of a goal a value attains.

A target has three levels, and attainment runs in a straight line between them::

    floor  -> 0        worse than the floor is 0 too
    target -> 1        ends here where there is no stretch
    stretch -> 1.2     better than the stretch is 1.2 too

Where lower is better, the levels fall from floor to stretch and the line is mirrored. A floor
that equals the target makes all or nothing: 1 at the target and better, else 0. A band gives 1
inside, both edges included, and falls in a straight line to 0 at its outer floors; on a side
without one, at once. All is exact: fractions, never floating point.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kamengine.config.levels import Band, Goal, Target
from kamengine.kpi import Direction

FULL = Fraction(1)
MOST = Fraction(6, 5)
"""What a value at its stretch attains: the cap."""


def attainment(value: Fraction, goal: Goal, better: Direction) -> Fraction:
    """Return how much of a goal a value attains, from 0 to 1.2.

    Args:
        value: In the unit of the goal's levels.
        goal: A target or a band.
        better: Which way is better; a band says so itself.
    """
    if isinstance(goal, Band):
        return _within(value, goal)
    return _towards(value, goal, -1 if better == "lower" else 1)


def _towards(value: Fraction, goal: Target, sign: int) -> Fraction:
    at, floor, target = value * sign, Fraction(goal.floor) * sign, Fraction(goal.target) * sign
    if at < target:
        return _share(at, floor, target)
    if goal.stretch is None:
        return FULL
    stretch = Fraction(goal.stretch) * sign
    if stretch <= target:
        return FULL  # there is no way from target to stretch, so nothing beyond it
    return min(MOST, FULL + (MOST - FULL) * (at - target) / (stretch - target))


def _within(value: Fraction, band: Band) -> Fraction:
    if value < band.low:
        return _share(value, _fraction(band.floor_low, band.low), Fraction(band.low))
    if value > band.high:
        return _share(-value, -_fraction(band.floor_high, band.high), -Fraction(band.high))
    return FULL


def _share(at: Fraction, floor: Fraction, full: Fraction) -> Fraction:
    """Return how far a point short of ``full`` has come from the floor: 0 at it and below."""
    return Fraction(0) if at <= floor or full <= floor else (at - floor) / (full - floor)


def _fraction(level: Decimal | None, otherwise: Decimal) -> Fraction:
    return Fraction(otherwise if level is None else level)
