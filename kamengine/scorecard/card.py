"""A scorecard with its values: what each KPI attains, the score, and what is left out and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

import msgspec

from kamengine.config.model import Colours
from kamengine.config.resolved import ResolvedKPI, ResolvedScorecard
from kamengine.scorecard.attainment import attainment
from kamengine.scorecard.colour import Colour, colour
from kamengine.scorecard.tenure import Stint
from kamengine.value import Value


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A KPI on a scorecard with its value.

    Attributes:
        kpi: The KPI as it holds for the subject.
        value: None where none was computed.
        attainment: From 0 to 1.2; None where it can't be said.
        points: What the KPI brings to the score; the points of all lines add up to it. None
            where the KPI doesn't count.
        left_out: Why it doesn't count; None where it does.
        share: Which part of the score it decides, from 0 to 1; 0 where it doesn't count.
        nominal: Which part it would decide if every KPI had a value.
        counted_as_zero: Why it has no value, where the scorecard counts that as nothing attained.
        colour: None where it can't be said: without an attainment, or below the minimum count.
    """

    kpi: ResolvedKPI
    value: Value | None
    attainment: Fraction | None
    points: Fraction | None
    left_out: str | None
    share: Fraction = Fraction(0)
    nominal: Fraction = Fraction(0)
    counted_as_zero: str | None = None
    colour: Colour | None = None


class Weighing(msgspec.Struct, frozen=True, kw_only=True):
    """The weights of families, where a scorecard is weighed by tenure.

    Attributes:
        families: Family to weight, the mean over the days of the period.
        stints: The days that they come from.
        problem: Why the weights can't be known, where they can't.
    """

    families: Mapping[str, Fraction] = {}
    stints: tuple[Stint, ...] = ()
    problem: str | None = None


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """A subject's scorecard for a period.

    Attributes:
        resolved: What was to be measured, and who decided so.
        period: As written on the command line.
        score: From 0 to 120: the weighted mean of the attainments, times 100; None where no
            KPI counts.
        reason: Why there is no score; None where there is one.
        lines: One for each KPI, in the order of the scorecard.
        counted: The KPIs' own weights that count, added up.
        missing: Those left out, added up: the others stand in for them in proportion.
        weighing: The weights of families; None where KPIs' own weights are all.
        edges: Where colours begin.
    """

    resolved: ResolvedScorecard
    period: str
    score: Fraction | None
    reason: str | None
    lines: tuple[Line, ...]
    counted: Decimal
    missing: Decimal
    weighing: Weighing | None = None
    edges: Colours = Colours()

    @property
    def missing_share(self) -> Fraction:
        """Which part of all the weight is left out, from 0 to 1."""
        absent = (line.nominal for line in self.lines if line.attainment is None)
        return sum(absent, Fraction(0))

    @property
    def policy(self) -> str:
        """What this scorecard does with a KPI that has no value, in words."""
        if self.resolved.missing == "zero":
            return "a KPI without a value counts as nothing attained"
        return "a KPI without a value is left out, and the others stand in for it in proportion"


def score(
    resolved: ResolvedScorecard,
    values: Mapping[str, Value],
    period: str,
    weighing: Weighing | None = None,
) -> Scorecard:
    """Score a subject.

    The score is ``100 * sum(weight * attainment) / sum(weight)`` over the KPIs that have a
    value. One without is left out, and the others are weighed anew among themselves, or it
    counts as 0, as the scorecard says. Where families are weighed, a family's attainment is the
    weighted mean of its KPIs', and the score that of the families.

    Args:
        resolved: The scorecard as it holds for the subject.
        values: By KPI id, for this subject and period.
        period: As written on the command line.
        weighing: The weights of families, where the scorecard is weighed by tenure.
    """
    attained = {kpi.id: _attained(kpi, values.get(kpi.id)) for kpi in resolved.kpis}
    zeros = {k.id for k in resolved.kpis if _is_zero(resolved, k, values.get(k.id), attained[k.id])}
    counting = [k for k in resolved.kpis if isinstance(attained[k.id], Fraction) or k.id in zeros]
    nominal, shares = _shares(resolved.kpis, weighing), _shares(counting, weighing)
    lines = tuple(
        _line(kpi, values.get(kpi.id), attained[kpi.id], zero=kpi.id in zeros, weighing=weighing)
        for kpi in resolved.kpis
    )
    lines = tuple(_weighed(line, nominal, shares) for line in lines)
    points = [line.points for line in lines if line.points is not None]
    return Scorecard(
        resolved=resolved,
        period=period,
        score=sum(points, Fraction(0)) if points else None,
        reason=None if points else _nothing_counts(lines, weighing),
        lines=lines,
        counted=sum((kpi.weight for kpi in counting), Decimal(0)),
        missing=sum((line.kpi.weight for line in lines if line.attainment is None), Decimal(0)),
        weighing=weighing,
    )


def coloured(
    card: Scorecard, edges: Colours, before: Callable[[str], Colour | None] = lambda _: None
) -> Scorecard:
    """Give each KPI of a scorecard its colour.

    Args:
        card: The scorecard.
        edges: Where colours begin.
        before: Returns the colour that a KPI had in the period before.
    """
    lines = tuple(
        msgspec.structs.replace(line, colour=colour_of(line, edges, before)) for line in card.lines
    )
    return msgspec.structs.replace(card, lines=lines, edges=edges)


def colour_of(line: Line, edges: Colours, before: Callable[[str], Colour | None]) -> Colour | None:
    """Return a KPI's colour; none where it has no value to show one for."""
    if line.attainment is None or line.counted_as_zero:
        return None
    return colour(line.attainment, edges, lambda: before(line.kpi.id))


class Stated(Protocol):
    """A value of a KPI, whoever tells of it: a replay, or a report of long ago."""

    @property
    def value(self) -> float | None:
        """As a floating-point number; None where there is none."""

    @property
    def numerator(self) -> Decimal | None:
        """Exact, where it is known so."""

    @property
    def denominator(self) -> Decimal | None:
        """Exact, where it is known so."""

    @property
    def status(self) -> str:
        """Whether there is a value: ``ok``."""


def exact(value: Stated | None) -> Fraction | None:
    """Return a value without the rounding of floating point, as far as it is known so."""
    if value is None or value.status != "ok" or value.value is None:
        return None
    if value.numerator is not None and value.denominator:
        return Fraction(value.numerator) / Fraction(value.denominator)
    return Fraction(repr(value.value))


def _attained(kpi: ResolvedKPI, value: Value | None) -> Fraction | str:
    """Return what a KPI attains, or why that can't be said."""
    if kpi.better is None:
        return "no loaded pack has this KPI; see `kamengine plugins list`"
    if value is None:
        return "no value was computed"
    known = exact(value)
    if known is None:
        return value.reason or f"the value is {value.status}"
    if value.count < kpi.min_count:
        return f"only {value.count} of at least {kpi.min_count} needed"
    return attainment(known, kpi.goal, kpi.better) if kpi.goal else "it has no target"


def _is_zero(
    resolved: ResolvedScorecard, kpi: ResolvedKPI, value: Value | None, attained: Fraction | str
) -> bool:
    """Tell whether a value is missing that counts as nothing attained.

    What the subject can't help is left out under any policy: a KPI that can't be computed at
    all, or one without a target.
    """
    absent = isinstance(attained, str) and value is not None and value.status != "unavailable"
    return absent and resolved.missing == "zero" and kpi.goal is not None


def _shares(kpis: Sequence[ResolvedKPI], weighing: Weighing | None) -> dict[str, Fraction]:
    """Return which part of the score each KPI decides; those that decide none are left out."""
    groups: dict[str, list[ResolvedKPI]] = {}
    for kpi in kpis:
        if kpi.weight:
            groups.setdefault(str(kpi.family) if weighing else "", []).append(kpi)
    weights = {
        group: weighing.families.get(group, Fraction(0)) if weighing else Fraction(1)
        for group in groups
    }
    whole = sum(weights.values(), Fraction(0))
    return {
        kpi.id: weights[group] / whole * Fraction(kpi.weight) / own
        for group, members in groups.items()
        if weights[group]
        for own in [sum((Fraction(member.weight) for member in members), Fraction(0))]
        for kpi in members
    }


def _line(
    kpi: ResolvedKPI,
    value: Value | None,
    attained: Fraction | str,
    *,
    zero: bool,
    weighing: Weighing | None,
) -> Line:
    left_out: str | None = None
    if not kpi.weight:
        left_out = "its weight is 0: it is shown beside the score"
    elif weighing and weighing.problem:
        left_out = weighing.problem
    elif weighing and not weighing.families.get(str(kpi.family)):
        left_out = f"{kpi.family} has no weight by tenure: it is shown beside the score"
    if isinstance(attained, Fraction):
        return Line(kpi=kpi, value=value, attainment=attained, points=None, left_out=left_out)
    if zero:
        nothing = Fraction(0)
        return Line(
            kpi=kpi,
            value=value,
            attainment=nothing,
            points=None,
            left_out=left_out,
            counted_as_zero=attained,
        )
    return Line(kpi=kpi, value=value, attainment=None, points=None, left_out=attained)


def _weighed(line: Line, nominal: Mapping[str, Fraction], shares: Mapping[str, Fraction]) -> Line:
    share = shares.get(line.kpi.id, Fraction(0))
    counts = line.left_out is None and line.attainment is not None
    return msgspec.structs.replace(
        line,
        nominal=nominal.get(line.kpi.id, Fraction(0)),
        share=share,
        points=100 * share * line.attainment if counts and line.attainment is not None else None,
    )


def _nothing_counts(lines: tuple[Line, ...], weighing: Weighing | None) -> str:
    if weighing and weighing.problem:
        return weighing.problem
    if not any(line.kpi.weight for line in lines):
        return "no KPI on this scorecard has a weight above 0"
    return "no KPI on this scorecard has a value"
