"""A scorecard with its values: what each KPI attains, the score, and what is left out and why."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import msgspec

from kamengine.config.resolved import ResolvedKPI, ResolvedScorecard
from kamengine.scorecard.attainment import attainment
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
    """

    kpi: ResolvedKPI
    value: Value | None
    attainment: Fraction | None
    points: Fraction | None
    left_out: str | None


class Scorecard(msgspec.Struct, frozen=True, kw_only=True):
    """A subject's scorecard for a period.

    Attributes:
        resolved: What was to be measured, and who decided so.
        period: As written on the command line.
        score: From 0 to 120: the weighted mean of the attainments, times 100; None where no
            KPI counts.
        reason: Why there is no score; None where there is one.
        lines: One for each KPI, in the order of the scorecard.
        counted: The weights that count, added up.
        missing: The weights left out, added up: the others stand in for them in proportion.
    """

    resolved: ResolvedScorecard
    period: str
    score: Fraction | None
    reason: str | None
    lines: tuple[Line, ...]
    counted: Decimal
    missing: Decimal

    @property
    def missing_share(self) -> Fraction:
        """Which part of all the weight is left out, from 0 to 1."""
        whole = Fraction(self.counted) + Fraction(self.missing)
        return Fraction(self.missing) / whole if whole else Fraction(0)


def score(resolved: ResolvedScorecard, values: Mapping[str, Value], period: str) -> Scorecard:
    """Score a subject.

    The score is ``100 * sum(weight * attainment) / sum(weight)`` over the KPIs that have a
    value. A KPI without one is left out, and the others are weighed anew among themselves.

    Args:
        resolved: The scorecard as it holds for the subject.
        values: By KPI id, for this subject and period.
        period: As written on the command line.
    """
    attained = {kpi.id: _attained(kpi, values.get(kpi.id)) for kpi in resolved.kpis}
    counting = [kpi for kpi in resolved.kpis if isinstance(attained[kpi.id], Fraction)]
    whole = sum((Fraction(kpi.weight) for kpi in counting), Fraction(0))
    lines = tuple(_line(kpi, values.get(kpi.id), attained[kpi.id], whole) for kpi in resolved.kpis)
    points = [line.points for line in lines if line.points is not None]
    return Scorecard(
        resolved=resolved,
        period=period,
        score=sum(points, Fraction(0)) if whole else None,
        reason=None if whole else _nothing_counts(lines),
        lines=lines,
        counted=sum((kpi.weight for kpi in counting), Decimal(0)),
        missing=sum((line.kpi.weight for line in lines if line.attainment is None), Decimal(0)),
    )


def exact(value: Value) -> Fraction | None:
    """Return a value without the rounding of floating point, as far as it is known so."""
    if value.status != "ok" or value.value is None:
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
    return attainment(known, kpi.goal, kpi.better) if kpi.goal else "it has no target"


def _line(kpi: ResolvedKPI, value: Value | None, attained: Fraction | str, whole: Fraction) -> Line:
    if isinstance(attained, str):
        return Line(kpi=kpi, value=value, attainment=None, points=None, left_out=attained)
    if not kpi.weight:
        shown = "its weight is 0: it is shown beside the score"
        return Line(kpi=kpi, value=value, attainment=attained, points=None, left_out=shown)
    points = 100 * Fraction(kpi.weight) * attained / whole
    return Line(kpi=kpi, value=value, attainment=attained, points=points, left_out=None)


def _nothing_counts(lines: tuple[Line, ...]) -> str:
    if not any(line.kpi.weight for line in lines):
        return "no KPI on this scorecard has a weight above 0"
    return "no KPI on this scorecard has a value"
