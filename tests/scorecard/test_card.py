"""Scores by hand, what is left out and why, and the properties of a weighted mean."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamengine.config.goals import goal_text
from kamengine.config.levels import Band, Goal, Target
from kamengine.config.resolved import Origin, ResolvedKPI, ResolvedScorecard
from kamengine.config.rules import Subject
from kamengine.kpi import KPI, Direction, Params, Ratio
from kamengine.scorecard.card import Scorecard, exact, score
from kamengine.scorecard.rows import document, rows
from kamengine.value import Status, Value

CHURN = Target(floor=Decimal("0.055"), target=Decimal("0.02"))
PLAIN = Target(floor=Decimal(0), target=Decimal(100), stretch=Decimal(120))
"""Attains a hundredth of the value, up to 1.2 at 120 and more."""

ORIGIN = Origin(layer="scorecard")


def kpi(
    kpi_id: str,
    weight: Decimal | int,
    goal: Goal | None = PLAIN,
    *,
    unit: str = "points",
    better: Direction = "higher",
    known: bool = True,
) -> ResolvedKPI:
    declared = KPI(
        id=kpi_id,
        version=1,
        title=kpi_id.upper(),
        doc="A measure.",
        family="revenue",
        timing="lagging",
        unit=unit,
        better=better,
        value=Ratio(),
    )
    return ResolvedKPI(
        id=kpi_id,
        kpi=declared if known else None,
        weight=Decimal(weight),
        goal=goal,
        params=Params() if known else None,
        selected_by=ORIGIN,
        weighted_by=ORIGIN,
        aimed_by=ORIGIN if goal else None,
        params_by={},
    )


def value(
    kpi_id: str,
    numerator: Decimal | int | str | None,
    denominator: Decimal | int = 1,
    *,
    status: Status = "ok",
    reason: str | None = None,
) -> Value:
    over = None if numerator is None else Decimal(numerator)
    return Value(
        kpi=kpi_id,
        subject_type="account",
        subject="acme",
        period="2026-Q1",
        value=None if over is None else float(over / denominator),
        numerator=over,
        denominator=Decimal(denominator),
        count=3,
        unit="points",
        status=status,
        reason=reason,
        definition=f"{kpi_id}@1#0",
        log_position=1,
    )


def card(kpis: list[ResolvedKPI], values: list[Value]) -> Scorecard:
    resolved = ResolvedScorecard(
        subject=Subject(id="acme"),
        scorecard="standard",
        title="Standard",
        because="it is for every account",
        origin=ORIGIN,
        kpis=tuple(kpis),
    )
    return score(resolved, {v.kpi: v for v in values}, "2026-Q1")


def test_the_weighted_score_of_the_catalogue() -> None:
    """Weights 20, 15, 22 and scores 47, 59, 21: (940 + 885 + 462) / 57 = 2287/57."""
    scored = card(
        [kpi("a", 20), kpi("b", 15), kpi("c", 22)],
        [value("a", 47), value("b", 59), value("c", 21)],
    )

    assert scored.score == Fraction(2287, 57)
    assert [line.points for line in scored.lines] == [
        Fraction(940, 57),
        Fraction(885, 57),
        Fraction(462, 57),
    ]
    assert scored.counted == 57
    assert scored.missing == 0
    assert scored.reason is None


def test_a_missing_value_is_left_out_and_the_rest_weighed_anew() -> None:
    """Without b: (940 + 462) / 42, and 15 of 57 is missing, with the value's own reason."""
    scored = card(
        [kpi("a", 20), kpi("b", 15), kpi("c", 22)],
        [value("a", 47), value("b", None, status="undefined", reason="no deals"), value("c", 21)],
    )

    assert scored.score == Fraction(1402, 42)
    assert scored.counted == 42
    assert scored.missing == 15
    assert scored.missing_share == Fraction(15, 57)
    assert [line.left_out for line in scored.lines] == [None, "no deals", None]
    assert scored.lines[1].points is None


@pytest.mark.parametrize(
    ("entry", "found", "reason"),
    [
        (kpi("a", 5), [], "no value was computed"),
        (kpi("a", 5), [value("a", None, status="insufficient")], "the value is insufficient"),
        (kpi("a", 5, None), [value("a", 1)], "it has no target"),
        (kpi("a", 5, known=False), [], "no loaded pack has this KPI"),
    ],
)
def test_why_a_kpi_is_left_out(entry: ResolvedKPI, found: list[Value], reason: str) -> None:
    """Each way of having nothing to score has its own sentence."""
    (line,) = card([entry], found).lines

    assert (line.attainment, line.points) == (None, None)
    assert line.left_out is not None
    assert reason in line.left_out


def test_no_value_at_all_leaves_the_score_undefined() -> None:
    """No score is no 0, and says why."""
    scored = card([kpi("a", 5), kpi("b", 5)], [])

    assert scored.score is None
    assert scored.reason == "no KPI on this scorecard has a value"
    assert scored.missing_share == 1


def test_weights_of_zero_alone_leave_the_score_undefined() -> None:
    """A KPI shown beside is scored but doesn't count, and counts for no missing weight."""
    scored = card([kpi("a", 0)], [value("a", 50)])

    assert scored.score is None
    assert scored.reason == "no KPI on this scorecard has a weight above 0"
    assert scored.lines[0].attainment == Fraction(1, 2)
    assert scored.missing_share == 0


def test_a_score_may_reach_120() -> None:
    """All stretches met."""
    assert card([kpi("a", 1), kpi("b", 9)], [value("a", 500), value("b", 120)]).score == 120


def test_a_value_is_taken_exactly_where_it_is_known_so() -> None:
    """100/7 is 100/7; a value without parts is the decimal that its float is written as."""
    assert exact(value("a", 100, 7)) == Fraction(100, 7)
    quantile = Value(
        kpi="q",
        subject_type="account",
        subject="acme",
        period="2026",
        value=0.1,
        numerator=None,
        denominator=None,
        count=2,
        unit="days",
        status="ok",
        reason=None,
        definition="q@1#0",
        log_position=1,
    )
    assert exact(quantile) == Fraction(1, 10)
    assert exact(value("a", 1, status="insufficient")) is None


def test_rows_carry_plain_numbers_and_reasons() -> None:
    """A row serialises as it is, ratios stay ratios, and what is missing is told."""
    goal = Target(floor=Decimal("0.6"), target=Decimal("0.85"))
    scored = card(
        [kpi("csat", 20, goal, unit="%"), kpi("nps", Decimal("7.5"))],
        [value("csat", 3, 4)],
    )
    first, second = json.loads(json.dumps(rows(scored)))

    assert (first["kpi"], first["value"], first["unit"]) == ("csat", 0.75, "%")
    assert (first["floor"], first["target"], first["stretch"]) == (0.6, 0.85, None)
    assert first["attainment"] == 0.6  # 0.15 of 0.25
    assert (first["weight"], first["points"], first["left_out"]) == (20, 60.0, None)
    assert (second["value"], second["status"], second["points"]) == (None, "unavailable", None)
    assert second["weight"] == 7.5
    assert second["left_out"] == "no value was computed"


def test_the_document_holds_score_missing_weight_and_rows() -> None:
    """One mapping has all that JSON should say of a scorecard."""
    whole = json.loads(json.dumps(document(card([kpi("a", 3), kpi("b", 1)], [value("a", 50)]))))

    assert (whole["subject"], whole["period"], whole["score"]) == ("acme", "2026-Q1", 50.0)
    assert (whole["counted_weight"], whole["missing_weight"], whole["missing_share"]) == (
        3,
        1,
        0.25,
    )
    assert [row["kpi"] for row in whole["kpis"]] == ["a", "b"]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (kpi("a", 1), "0 < 100 < 120"),
        (kpi("a", 1, CHURN, unit="%", better="lower"), "5.5 % > 2 %"),
        (kpi("a", 1, Band(low=Decimal("1.50"), high=Decimal(8))), "1.5 to 8"),
        (kpi("a", 1, None), ""),
    ],
)
def test_goals_are_written_as_people_write_them(entry: ResolvedKPI, text: str) -> None:
    """From floor to stretch in the direction of the KPI, percentages with their sign."""
    assert entry.kpi is not None
    assert entry.goal is None or goal_text(entry.goal, entry.kpi) == text
    assert rows(card([entry], []))[0]["goal"] == text


weights = st.integers(0, 1000)
attained = st.integers(0, 150)
pairs = st.lists(st.tuples(weights, attained), min_size=1, max_size=12)


def scored_pairs(given_pairs: list[tuple[int, int]], scale: int = 1) -> Scorecard:
    return card(
        [kpi(f"k{n}", weight * scale) for n, (weight, _) in enumerate(given_pairs)],
        [value(f"k{n}", at) for n, (_, at) in enumerate(given_pairs)],
    )


@given(pairs, st.integers(1, 1000))
def test_only_the_proportion_of_weights_matters(
    given_pairs: list[tuple[int, int]], scale: int
) -> None:
    """Weights that add up to 1, 100 or 57 give the same score."""
    assert scored_pairs(given_pairs).score == scored_pairs(given_pairs, scale).score


@given(pairs)
def test_the_score_lies_between_the_worst_and_the_best(
    given_pairs: list[tuple[int, int]],
) -> None:
    """It is a mean, so it stays within its parts, and the points add up to it."""
    scored = scored_pairs(given_pairs)
    counting = [line for line in scored.lines if line.points is not None]

    if scored.score is None:
        assert counting == []
        return
    attainments = [100 * line.attainment for line in counting if line.attainment is not None]
    assert 0 <= min(attainments) <= scored.score <= max(attainments) <= 120
    assert sum(line.points for line in counting if line.points is not None) == scored.score


@given(pairs)
def test_leaving_a_value_out_is_like_not_having_the_kpi(
    given_pairs: list[tuple[int, int]],
) -> None:
    """A missing value neither lifts nor lowers the score of the others."""
    kpis = [kpi(f"k{n}", weight) for n, (weight, _) in enumerate(given_pairs)]
    values = [value(f"k{n}", at) for n, (_, at) in enumerate(given_pairs)]

    assert card([*kpis, kpi("gone", 50)], values).score == card(kpis, values).score
