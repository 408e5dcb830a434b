"""Composites over scorecards made by hand: means, what is left out, and what says so."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest

from kamengine.config.levels import Target
from kamengine.config.resolved import Origin, ResolvedKPI, ResolvedScorecard
from kamengine.config.rules import Subject
from kamengine.kpi import KPI, Composite, Family, Params, Ratio, TenureWeights, Timing
from kamengine.plugins import Registry
from kamengine.scorecard.card import Scorecard, Weighing, score
from kamengine.scorecard.composite import Asked, Composed, compose
from kamengine.value import Value
from tests.bakery import Pack

PLAIN = Target(floor=Decimal(0), target=Decimal(100), stretch=Decimal(120))
"""Attains a hundredth of the value, up to 1.2."""

ORIGIN = Origin(layer="scorecard")
BY_WEIGHT = TenureWeights(relationship=(Decimal(100),), by_weight=True)
FAMILIES = {"relationship": Fraction(60), "revenue": Fraction(20), "retention": Fraction(20)}


def declared(kpi_id: str, family: Family, timing: Timing) -> KPI:
    return KPI(
        id=kpi_id,
        version=1,
        title=kpi_id,
        doc="A measure.",
        family=family,
        timing=timing,
        unit="points",
        better="higher",
        value=Ratio(),
    )


TOUCHES = declared("touches", "relationship", "leading")
VISITS = declared("visits", "relationship", "leading")
SALES = declared("sales", "revenue", "lagging")
LOYALTY = declared("loyalty", "retention", "lagging")
SCORE = msgspec.structs.replace(
    declared("score", "business", "lagging"), value=Composite(by="family"), params=BY_WEIGHT
)
GAP = msgspec.structs.replace(
    declared("gap", "relationship", "leading"),
    value=Composite(by="timing", weights={"leading": Decimal(1), "lagging": Decimal(-1)}),
)


def on_card(kpi: KPI, weight: int, goal: Target | None = PLAIN) -> ResolvedKPI:
    return ResolvedKPI(
        id=kpi.id,
        kpi=kpi,
        weight=Decimal(weight),
        goal=goal,
        params=Params(),
        selected_by=ORIGIN,
        weighted_by=ORIGIN,
        aimed_by=ORIGIN,
        params_by={},
    )


def card(kpis: Sequence[ResolvedKPI], **values: int | None) -> Scorecard:
    resolved = ResolvedScorecard(
        subject=Subject(id="acme"),
        scorecard="standard",
        title="Standard",
        because="it is for every account",
        origin=ORIGIN,
        kpis=tuple(kpis),
    )
    return score(resolved, {k: value(k, v) for k, v in values.items()}, "2026-Q1")


def value(kpi_id: str, number: int | None) -> Value:
    return Value(
        kpi=kpi_id,
        subject_type="account",
        subject="acme",
        period="2026-Q1",
        value=None if number is None else float(number),
        numerator=None if number is None else Decimal(number),
        denominator=Decimal(1),
        count=1,
        unit="points",
        status="ok" if number is not None else "undefined",
        reason=None if number is not None else "nothing happened",
        definition=f"{kpi_id}@1#0",
        log_position=1,
    )


def composed(
    kpi: KPI,
    scorecard: Scorecard,
    weights: dict[str, Fraction] | None = None,
    params: Params | None = None,
) -> Composed:
    if weights is None:
        assert isinstance(kpi.value, Composite)
        weights = {group: Fraction(weight) for group, weight in kpi.value.weights.items()}
    asked = Asked(
        kpi=kpi,
        params=params or Params(),
        subject_type="account",
        subject="acme",
        period="2026-Q1",
        log_position=7,
    )
    return compose(asked, scorecard, weights)


FOUR = [on_card(TOUCHES, 5), on_card(VISITS, 15), on_card(SALES, 10), on_card(LOYALTY, 10)]


def test_families_are_weighed_and_their_kpis_count_alike() -> None:
    """60 * (80 + 40) / 2 + 20 * 50 + 20 * 130, which ends at 120: 3600 + 1000 + 2400."""
    found = composed(SCORE, card(FOUR, touches=80, visits=40, sales=50, loyalty=130), FAMILIES)
    assert (found.value.numerator, found.value.denominator) == (Decimal(7000), Decimal(100))
    assert (found.value.value, found.value.count, found.value.reason) == (70.0, 4, None)
    assert [(g.name, g.attainment) for g in found.groups] == [
        ("relationship", Fraction(3, 5)),
        ("retention", Fraction(6, 5)),
        ("revenue", Fraction(1, 2)),
    ]


def test_a_card_weighed_by_tenure_has_the_score_that_the_composite_has() -> None:
    """60 * (5 * 80 + 15 * 40) / 20 + 20 * 50 + 20 * 120 = 6400, by both ways of counting."""
    values = {"touches": 80, "visits": 40, "sales": 50, "loyalty": 130}
    plain = card(FOUR, **values)
    found = composed(SCORE, plain, FAMILIES, BY_WEIGHT)
    resolved = {name: value(name, number) for name, number in values.items()}
    weighed = score(plain.resolved, resolved, "2026-Q1", Weighing(families=FAMILIES))
    assert found.value.value == 64.0
    assert weighed.score == 64
    assert [line.share for line in weighed.lines] == [
        Fraction(15, 100),
        Fraction(45, 100),
        Fraction(20, 100),
        Fraction(20, 100),
    ]


def test_within_a_family_weights_may_count() -> None:
    """(5 * 80 + 15 * 40) / 20 = 50 instead of 60."""
    scorecard = card(FOUR, touches=80, visits=40, sales=50, loyalty=100)
    found = composed(SCORE, scorecard, FAMILIES, BY_WEIGHT)
    assert found.value.numerator == 60 * 50 + 20 * 50 + 20 * 100


def test_a_kpi_without_a_value_is_left_out_and_named() -> None:
    """The other one of the family stands in for it."""
    found = composed(SCORE, card(FOUR, touches=80, visits=None, sales=50, loyalty=50), FAMILIES)
    assert found.value.value == 68.0
    assert found.value.count == 3
    assert found.value.reason == "without visits: nothing happened"


def test_a_family_without_a_value_is_stood_in_for() -> None:
    """60 and 20 of 100 are left: (60 * 50 + 20 * 90) / 80 = 60."""
    found = composed(SCORE, card(FOUR, touches=50, visits=50, sales=90), FAMILIES)
    assert (found.value.numerator, found.value.denominator) == (Decimal(4800), Decimal(80))
    assert found.value.reason == (
        "no retention KPI has a value (loyalty: no value was computed),"
        " so the other groups stand in for it"
    )


def test_with_no_value_at_all_every_reason_is_given() -> None:
    """There is no number, and a sentence for each family."""
    found = composed(SCORE, card(FOUR[2:], sales=None), FAMILIES)
    assert (found.value.status, found.value.value, found.value.numerator) == (
        "undefined",
        None,
        None,
    )
    assert found.value.reason == (
        "no relationship KPI counts on the scorecard;"
        " no retention KPI has a value (loyalty: no value was computed);"
        " no revenue KPI has a value (sales: nothing happened)"
    )


def test_without_weights_there_is_no_score() -> None:
    """Weights of 0 add up to nothing to divide by."""
    found = composed(SCORE, card(FOUR, touches=80), {})
    assert found.value.reason == "no group of KPIs has a weight above 0"


def test_a_gap_needs_both_sides() -> None:
    """60 less 50; without what lags there is no gap, not one of 60."""
    both = composed(GAP, card(FOUR, touches=80, visits=40, sales=50))
    assert (both.value.value, both.value.denominator) == (10.0, Decimal(1))
    assert both.value.reason == "without loyalty: no value was computed"
    one = composed(GAP, card(FOUR, touches=80, visits=40))
    assert one.value.status == "undefined"
    assert one.value.reason is not None
    assert one.value.reason.startswith("no lagging KPI has a value (sales, loyalty: ")
    other = composed(GAP, card(FOUR, sales=80))
    assert other.value.status == "undefined"


def test_what_is_shown_beside_and_other_composites_dont_count() -> None:
    """Weight 0 means beside; a composite of composites would count KPIs twice."""
    kpis = [on_card(TOUCHES, 5), on_card(VISITS, 0), on_card(SALES, 1), on_card(GAP, 50)]
    found = composed(GAP, card(kpis, touches=80, visits=10, sales=30, gap=100))
    assert found.value.value == 50.0
    assert [[line.kpi.id for line in group.lines] for group in found.groups] == [
        ["touches"],
        ["sales"],
    ]


def test_too_few_kpis_withhold_the_value() -> None:
    """The minimum of a composite is one of KPIs."""
    picky = msgspec.structs.replace(GAP, min_count=5)
    found = composed(picky, card(FOUR, touches=1, visits=1, sales=1, loyalty=1))
    assert (found.value.status, found.value.value) == ("insufficient", None)
    assert found.value.reason == "only 4 of at least 5 needed"


def test_a_numerator_keeps_six_digits_and_the_value_is_its_quotient() -> None:
    """A third of 100 is 33.333333, and so the value says no more than that."""
    goal = Target(floor=Decimal(0), target=Decimal(3))
    found = composed(GAP, card([on_card(TOUCHES, 1, goal), on_card(SALES, 1)], touches=1, sales=0))
    assert found.value.numerator == Decimal("33.333333")
    assert found.value.value == 33.333333


def test_the_definition_says_which_targets_it_was_made_by() -> None:
    """Another target, weight or definition is another label; another value isn't."""

    def label(kpis: list[ResolvedKPI], **values: int) -> str:
        return composed(GAP, card(kpis, **values)).value.definition

    plain = label(FOUR, touches=80, sales=50)
    assert plain.startswith("gap@1#")
    assert label(FOUR, touches=10, sales=50) == plain
    nearer = Target(floor=Decimal(0), target=Decimal(50))
    assert label([*FOUR[:3], on_card(LOYALTY, 10, nearer)], touches=80, sales=50) != plain
    assert label([*FOUR[:3], on_card(LOYALTY, 11)], touches=80, sales=50) != plain


@pytest.mark.parametrize(
    ("kpi", "complaint"),
    [
        (msgspec.structs.replace(SCORE, params=Params()), "needs weights of its own"),
        (msgspec.structs.replace(GAP, params=TenureWeights(revenue=(Decimal(100),))), "needs weig"),
        (
            msgspec.structs.replace(
                GAP, value=Composite(by="timing", weights={"revenue": Decimal(1)})
            ),
            "weighs what is none: 'revenue'; known: leading, lagging",
        ),
    ],
)
def test_a_composite_that_cant_be_weighed_is_refused(kpi: KPI, complaint: str) -> None:
    """A pack that registers one is quarantined, with the reason."""
    pack = Registry().add("pack", Pack(event_types=(), projections=(), kpis=[kpi]))
    assert pack.status == "quarantined"
    assert complaint in (pack.reason or "")
