"""Effort against outcome: means by hand, the four corners, and what has no corner."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kamengine.catalogue.quadrant import Placed, placed
from tests.kpis import programme
from tests.kpis.conftest import Simulated
from tests.scorecard.test_composite import FOUR, GAP, LOYALTY, card, declared, on_card

CHURN = declared("churn", "relationship", "lagging")


def told(found: Placed) -> tuple[str, Fraction | None, Fraction | None, str | None]:
    return found.family, found.effort, found.outcome, found.quadrant


def test_families_and_the_whole_card() -> None:
    """Relationship: effort (90 + 80) / 2, outcome 30. All: outcome (30 + 100 + 50) / 3."""
    scorecard = card(
        [*FOUR, on_card(CHURN, 1)], touches=90, visits=80, sales=100, loyalty=50, churn=30
    )
    assert [told(each) for each in placed([scorecard])] == [
        ("all", Fraction(85, 100), Fraction(60, 100), "discuss"),
        ("relationship", Fraction(85, 100), Fraction(30, 100), "discuss"),
        ("retention", None, Fraction(1, 2), None),
        ("revenue", None, Fraction(1), None),
    ]


@pytest.mark.parametrize(
    ("effort", "outcome", "corner"),
    [
        (80, 80, "on course"),
        (80, 79, "discuss"),
        (79, 80, "learn from it"),
        (79, 79, "support"),
        (120, 0, "discuss"),
    ],
)
def test_the_four_corners(effort: int, outcome: int, corner: str) -> None:
    """From 80 % on, that included, either is high."""
    scorecard = card(FOUR, touches=effort, visits=effort, sales=outcome, loyalty=outcome)
    assert placed([scorecard])[0].quadrant == corner


def test_where_high_begins_may_be_said() -> None:
    """At 50 % an outcome of 60 is high."""
    scorecard = card(FOUR, touches=90, visits=90, sales=60, loyalty=60)
    assert placed([scorecard])[0].quadrant == "discuss"
    assert placed([scorecard], Fraction(1, 2))[0].quadrant == "on course"


def test_what_has_no_value_or_no_weight_doesnt_count() -> None:
    """A KPI shown beside the scorecard, a composite, and one without a value are left out."""
    kpis = [*FOUR[:3], on_card(LOYALTY, 0), on_card(GAP, 10)]
    found = placed([card(kpis, touches=90, visits=None, sales=100, loyalty=0, gap=0)])[0]
    assert (found.effort, found.outcome) == (Fraction(9, 10), Fraction(1))
    assert (found.leading, found.lagging) == (1, 1)


def test_every_manager_of_the_simulated_organisation(simulated: Simulated) -> None:
    """Effort less outcome over all families is the gap that the composite says."""
    window = next(w for w in simulated.windows if w.period == "2024-Q2")
    found = placed(simulated.answers.scorecards("manager", window))
    gap = simulated.reader.registry.kpi("effort_outcome_gap")
    compared = 0
    for each in found:
        if each.family != "all" or each.quadrant is None:
            continue
        value = simulated.answers.value(gap, "manager", window, each.subject)
        assert each.effort is not None
        assert each.outcome is not None
        assert value.value == pytest.approx(float(100 * (each.effort - each.outcome)), abs=1e-6)
        compared += 1
    assert compared >= 5
    assert {each.family for each in found} == {"all", *programme.FAMILIES}
