"""Attainment by hand, and the properties that it must keep whatever the goal."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamengine.config.levels import Band, Goal, Target
from kamengine.kpi import Direction
from kamengine.scorecard.attainment import MOST, attainment

NPS = Target(floor=Decimal(0), target=Decimal(40), stretch=Decimal(60))
GAP = Target(floor=Decimal(45), target=Decimal(14), stretch=Decimal(7))
CAPPED = Target(floor=Decimal("0.6"), target=Decimal("0.85"))
PASS_OR_FAIL = Target(floor=Decimal(3), target=Decimal(3))
HOURS = Band(low=Decimal(2), high=Decimal(6), floor_low=Decimal(1), floor_high=Decimal(10))
STRICT = Band(low=Decimal(2), high=Decimal(6))


@pytest.mark.parametrize(
    ("value", "goal", "better", "attained"),
    [
        # 0 < 40 < 60, higher is better
        ("-100", NPS, "higher", "0"),
        ("0", NPS, "higher", "0"),
        ("10", NPS, "higher", "1/4"),  # 10 of 40
        ("40", NPS, "higher", "1"),
        ("45", NPS, "higher", "21/20"),  # 5 of the 20 to the stretch: 1 + 0.2 / 4
        ("60", NPS, "higher", "6/5"),
        ("100", NPS, "higher", "6/5"),
        # 45 > 14 > 7, lower is better
        ("90", GAP, "lower", "0"),
        ("45", GAP, "lower", "0"),
        ("29.5", GAP, "lower", "1/2"),  # 15.5 of 31
        ("14", GAP, "lower", "1"),
        ("10.5", GAP, "lower", "11/10"),  # 3.5 of 7
        ("7", GAP, "lower", "6/5"),
        ("0", GAP, "lower", "6/5"),
        # no stretch: it ends at 1
        ("0.65", CAPPED, "higher", "1/5"),  # 0.05 of 0.25
        ("0.85", CAPPED, "higher", "1"),
        ("1", CAPPED, "higher", "1"),
        # the floor is the target: all or nothing
        ("2.999999", PASS_OR_FAIL, "higher", "0"),
        ("3", PASS_OR_FAIL, "higher", "1"),
        ("3.000001", PASS_OR_FAIL, "lower", "0"),
        ("3", PASS_OR_FAIL, "lower", "1"),
        # 1 .. [2 .. 6] .. 10
        ("1", HOURS, "band", "0"),
        ("1.25", HOURS, "band", "1/4"),
        ("2", HOURS, "band", "1"),
        ("6", HOURS, "band", "1"),
        ("9", HOURS, "band", "1/4"),  # 3 of the 4 beyond are gone
        ("10", HOURS, "higher", "0"),
        ("50", HOURS, "band", "0"),
        # no outer floors
        ("1.999999", STRICT, "band", "0"),
        ("2", STRICT, "band", "1"),
        ("6.000001", STRICT, "band", "0"),
    ],
)
def test_attainment_by_hand(value: str, goal: Goal, better: Direction, attained: str) -> None:
    """Straight lines between the levels, flat outside."""
    assert attainment(Fraction(value), goal, better) == Fraction(attained)


def test_a_stretch_at_the_target_adds_nothing() -> None:
    """Config refuses such a goal; the function still gives no more than 1."""
    goal = Target(floor=Decimal(0), target=Decimal(5), stretch=Decimal(5))

    assert attainment(Fraction(5), goal, "higher") == 1
    assert attainment(Fraction(9), goal, "higher") == 1


numbers = st.decimals(-(10**6), 10**6, places=3)
values = st.fractions(-(10**6), 10**6)


@st.composite
def targets(draw: st.DrawFn) -> tuple[Target, Direction]:
    levels = sorted(draw(st.lists(numbers, min_size=3, max_size=3)))
    stretched = draw(st.booleans()) and levels[1] != levels[2]
    better: Direction = draw(st.sampled_from(("higher", "lower")))
    if better == "lower":
        levels = [-level for level in levels]
    floor, target, stretch = levels
    return Target(floor=floor, target=target, stretch=stretch if stretched else None), better


@st.composite
def bands(draw: st.DrawFn) -> Band:
    floor_low, low, high, floor_high = sorted(draw(st.lists(numbers, min_size=4, max_size=4)))
    return Band(
        low=low,
        high=high,
        floor_low=floor_low if draw(st.booleans()) else None,
        floor_high=floor_high if draw(st.booleans()) else None,
    )


@given(targets(), values, values)
def test_a_better_value_never_attains_less(
    goal: tuple[Target, Direction], one: Fraction, other: Fraction
) -> None:
    """Attainment is monotone in the direction of the KPI."""
    target, better = goal
    worse, good = sorted((one, other), reverse=better == "lower")

    assert attainment(worse, target, better) <= attainment(good, target, better)


@given(targets(), values)
def test_attainment_stays_between_nothing_and_the_cap(
    goal: tuple[Target, Direction], value: Fraction
) -> None:
    """No value, however good or bad, leaves 0 to 1.2; without a stretch, 0 to 1."""
    target, better = goal
    most = 1 if target.stretch is None else MOST

    assert 0 <= attainment(value, target, better) <= most


@given(targets())
def test_the_target_attains_exactly_one(goal: tuple[Target, Direction]) -> None:
    """Reaching the target is 100 %, in both directions."""
    target, better = goal

    assert attainment(Fraction(target.target), target, better) == 1


@given(targets(), values, st.integers(1, 10**6), numbers)
def test_the_unit_doesn_t_matter(
    goal: tuple[Target, Direction], value: Fraction, scale: int, shift: Decimal
) -> None:
    """Hours or minutes, Celsius or Kelvin: scaled and shifted levels attain the same."""
    target, better = goal

    def moved(level: Decimal) -> Decimal:
        return level * scale + shift

    other = Target(
        floor=moved(target.floor),
        target=moved(target.target),
        stretch=None if target.stretch is None else moved(target.stretch),
    )
    there = value * scale + Fraction(shift)
    assert attainment(there, other, better) == attainment(value, target, better)


@given(targets(), values)
def test_higher_and_lower_are_mirror_images(
    goal: tuple[Target, Direction], value: Fraction
) -> None:
    """Turning the sign of everything turns the direction and nothing else."""
    target, better = goal
    turned = Target(
        floor=-target.floor,
        target=-target.target,
        stretch=None if target.stretch is None else -target.stretch,
    )
    opposite: Direction = "lower" if better == "higher" else "higher"

    assert attainment(-value, turned, opposite) == attainment(value, target, better)


@given(bands(), values, values)
def test_nearer_to_the_band_never_attains_less(band: Band, one: Fraction, other: Fraction) -> None:
    """On each side, attainment only falls with the distance; inside it is 1."""
    inside = band.low <= one <= band.high
    assert (attainment(one, band, "band") == 1) >= inside

    below = sorted(v for v in (one, other) if v < band.low)
    above = sorted((v for v in (one, other) if v > band.high), reverse=True)
    for side in (below, above):
        attained = [attainment(v, band, "band") for v in side]
        assert attained == sorted(attained)
        assert all(0 <= a <= 1 for a in attained)
