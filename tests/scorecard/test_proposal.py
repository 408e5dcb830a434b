"""Targets proposed from history: percentiles at the nearest rank, by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamengine.config.levels import Band, Target
from kamengine.kpi import KPI
from kamengine.scorecard.attainment import attainment
from kamengine.scorecard.proposal import percentile, propose
from tests.scorecard.test_composite import declared

HIGHER = declared("sales", "revenue", "lagging")
LOWER = msgspec.structs.replace(HIGHER, better="lower")
BANDED = msgspec.structs.replace(HIGHER, better="band")
TO_20 = [Fraction(n) for n in range(1, 21)]


def target(floor: str, aim: str, stretch: str | None) -> Target:
    return Target(
        floor=Decimal(floor), target=Decimal(aim), stretch=Decimal(stretch) if stretch else None
    )


@pytest.mark.parametrize(("percent", "value"), [(5, 1), (25, 5), (50, 10), (70, 14), (90, 18)])
def test_a_percentile_is_the_value_at_the_nearest_rank(percent: int, value: int) -> None:
    """Of 1 to 20, the 25th percentile is the fifth value."""
    assert percentile(TO_20, percent) == value


def test_where_higher_is_better() -> None:
    """Floor 5, target 14, stretch 18; 14 to 20 are the seven that would have met it."""
    found = propose(HIGHER, TO_20, target("0", "17", None))
    assert found.goal == target("5", "14", "18")
    assert (found.median, found.best) == (Fraction(10), Fraction(18))
    assert (found.met, found.present_met, found.count) == (7, 4, 20)


def test_where_lower_is_better() -> None:
    """From worst to best, 20 to 1: floor 16, target 7, stretch 3; 1 to 7 would have met it."""
    found = propose(LOWER, TO_20)
    assert found.goal == target("16", "7", "3")
    assert (found.met, found.present_met) == (7, 0)


def test_a_band_holds_the_middle_half() -> None:
    """5 to 15, with 1 and 19 as the outer floors; so does one in place of a band."""
    band = Band(low=Decimal(5), high=Decimal(15), floor_low=Decimal(1), floor_high=Decimal(19))
    assert propose(BANDED, TO_20).goal == band
    assert propose(BANDED, TO_20).met == 11
    assert propose(HIGHER, TO_20, Band(low=Decimal(1), high=Decimal(2))).goal == band


def test_levels_keep_three_digits_to_the_easier_side() -> None:
    """27,798.70 becomes 27,700, or 27,800 where less is better: whoever had it meets it."""
    values = [Fraction("27798.70")] * 12
    higher, lower = propose(HIGHER, values), propose(LOWER, values)
    assert higher.goal == target("27700", "27700", None)
    assert lower.goal == target("27800", "27800", None)
    assert (higher.met, lower.met) == (12, 12)
    assert propose(HIGHER, [Fraction(1, 3)] * 12).goal == target("0.333", "0.333", None)


def test_where_most_reach_the_same_the_worst_is_the_floor() -> None:
    """Two of twenty have half, the others all."""
    values = [Fraction(1, 2)] * 2 + [Fraction(1)] * 18
    assert propose(HIGHER, values).goal == target("0.5", "1", None)


def test_of_few_values_nothing_is_said() -> None:
    """Nine values have no percentiles worth the name; what holds now is still counted."""
    found = propose(HIGHER, TO_20[:9], target("0", "5", None))
    assert found.goal is None
    assert found.reason == "only 9 of at least 10 values needed"
    assert found.present_met == 5


levels = st.lists(st.fractions(-1000, 1000, max_denominator=100), min_size=10, max_size=60)


@given(levels, st.sampled_from([HIGHER, LOWER]))
def test_a_target_can_be_followed_and_is_met_by_its_share(values: list[Fraction], kpi: KPI) -> None:
    """Floor, target and stretch run in the KPI's direction; three in ten or more meet it."""
    goal = propose(kpi, values).goal
    assert isinstance(goal, Target)
    sign = 1 if kpi.better == "higher" else -1
    ordered = [goal.floor, goal.target] + ([] if goal.stretch is None else [goal.stretch])
    assert [level * sign for level in ordered] == sorted(level * sign for level in ordered)
    met = sum(attainment(value, goal, kpi.better) >= 1 for value in values)
    assert met >= len(values) * Fraction(3, 10)
