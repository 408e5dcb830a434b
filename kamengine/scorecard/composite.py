"""A composite: what the KPIs on a scorecard attain, pooled in groups and weighed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import msgspec

from kamengine.fingerprint import fingerprint
from kamengine.kpi import KPI, Composite, Params, SubjectType
from kamengine.scorecard.card import Line, Scorecard
from kamengine.scorecard.tenure import Stint
from kamengine.value import Status, Value

PLACES = Decimal("0.000001")
"""What a numerator keeps, as those of all values do."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The KPIs of one family, or of one timing.

    Attributes:
        name: Which.
        weight: What its attainment counts.
        attainment: The mean of its KPIs'; None where none of them has a value.
        lines: Its KPIs that count on the scorecard, with and without a value.
    """

    name: str
    weight: Fraction
    attainment: Fraction | None
    lines: tuple[Line, ...]


class Composed(msgspec.Struct, frozen=True, kw_only=True):
    """A composite's value and all that it is made of.

    Attributes:
        value: The value.
        groups: By weight, those of weight 0 last.
        stints: The days of tenure that the weights come from; empty where they are fixed.
        scorecard: Its name; None where no scorecard applies.
    """

    value: Value
    groups: tuple[Group, ...] = ()
    stints: tuple[Stint, ...] = ()
    scorecard: str | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which composite, whose, for when, and what is known of the replay.

    Attributes:
        kpi: The KPI; its value is a `Composite`.
        params: Its parameters.
        subject_type: The grain.
        subject: Whose.
        period: As written on the command line.
        log_position: The last event that the values know of.
    """

    kpi: KPI
    params: Params
    subject_type: SubjectType
    subject: str
    period: str
    log_position: int


def compose(asked: Asked, card: Scorecard, weights: Mapping[str, Fraction]) -> Composed:
    """Compute a composite from a scorecard.

    Weights that are fractions are multiplied by what makes them whole, on both sides: 440/9 and
    230/9 count as 440 and 230. So the denominator is exact.

    Args:
        asked: What is asked for.
        card: The subject's scorecard with its values.
        weights: Group to weight.
    """
    groups = _groups(asked, card, weights)
    having = [g for g in groups if g.weight and g.attainment is not None]
    whole = math.lcm(*(g.weight.denominator for g in having))
    numerator = 100 * whole * sum((g.weight * (g.attainment or 0) for g in having), Fraction(0))
    denominator = whole * sum((g.weight for g in having if g.weight > 0), Fraction(0))
    lines = [line for g in having for line in g.lines if line.left_out is None]
    problem = _problem(groups, having)
    few = len(lines) < asked.kpi.min_count
    status: Status = "undefined" if problem else "insufficient" if few else "ok"
    if few and not problem:
        problem = f"only {len(lines)} of at least {asked.kpi.min_count} needed"
    value = without_value(asked, problem or "", status, _label(asked, card))
    if not problem:
        above, below = _six_places(numerator), _six_places(denominator)
        value = msgspec.structs.replace(
            value,
            value=float(Fraction(above) / Fraction(below)),
            numerator=above,
            denominator=below,
            count=len(lines),
            reason=_left_out(groups),
        )
    return Composed(value=value, groups=groups, scorecard=card.resolved.scorecard)


def without_value(
    asked: Asked, reason: str, status: Status = "undefined", label: str | None = None
) -> Value:
    """Return a value that is none, with the reason."""
    return Value(
        kpi=asked.kpi.id,
        subject_type=asked.subject_type,
        subject=asked.subject,
        period=asked.period,
        value=None,
        numerator=None,
        denominator=None,
        count=0,
        unit=asked.kpi.unit,
        status=status,
        reason=reason,
        definition=label or f"{asked.kpi.id}@{asked.kpi.version}#{_own(asked)[:8]}",
        log_position=asked.log_position,
    )


def _groups(asked: Asked, card: Scorecard, weights: Mapping[str, Fraction]) -> tuple[Group, ...]:
    value = asked.kpi.value
    assert isinstance(value, Composite), "asked for by whoever calls"  # noqa: S101
    by_weight = bool(getattr(asked.params, "by_weight", False))
    members: dict[str, list[Line]] = {name: [] for name in weights}
    for line in card.lines:
        kpi = line.kpi.kpi
        if kpi is not None and line.kpi.weight and not isinstance(kpi.value, Composite):
            members.setdefault(getattr(kpi, value.by), []).append(line)
    found = [
        Group(
            name=name,
            weight=weights.get(name, Fraction(0)),
            attainment=_mean(lines, by_weight=by_weight),
            lines=tuple(lines),
        )
        for name, lines in members.items()
    ]
    return tuple(sorted(found, key=lambda group: (-group.weight, group.name)))


def _mean(lines: list[Line], *, by_weight: bool) -> Fraction | None:
    known = [
        (Fraction(line.kpi.weight if by_weight else 1), line.attainment)
        for line in lines
        if line.attainment is not None
    ]
    whole = sum((weight for weight, _ in known), Fraction(0))
    return sum((w * attained for w, attained in known), Fraction(0)) / whole if whole else None


def _problem(groups: tuple[Group, ...], having: list[Group]) -> str | None:
    """Say why there is no value, if there is none."""
    if not any(group.weight > 0 for group in groups):
        return "no group of KPIs has a weight above 0"
    difference = any(group.weight < 0 for group in groups)
    if difference or not any(group.weight > 0 for group in having):
        missing = [group for group in groups if group.weight and group.attainment is None]
        return "; ".join(_absence(group) for group in missing) or None
    return None


def _left_out(groups: tuple[Group, ...]) -> str | None:
    """Say what the value does without, if anything."""
    weighed = [group for group in groups if group.weight]
    told = [
        f"{_absence(group)}, so the other groups stand in for it"
        for group in weighed
        if group.attainment is None
    ]
    others = [line for g in weighed if g.attainment is not None for line in _silent(g)]
    if others:
        told.append(f"without {_reasons(others)}")
    return "; ".join(told) or None


def _absence(group: Group) -> str:
    if not group.lines:
        return f"no {group.name} KPI counts on the scorecard"
    return f"no {group.name} KPI has a value ({_reasons(_silent(group))})"


def _silent(group: Group) -> list[Line]:
    return [line for line in group.lines if line.attainment is None]


def _reasons(lines: list[Line]) -> str:
    """Name KPIs with why they are left out, those for one and the same reason together."""
    by_reason: dict[str, list[str]] = {}
    for line in lines:
        by_reason.setdefault(line.left_out or "", []).append(line.kpi.id)
    return "; ".join(f"{', '.join(kpis)}: {reason}" for reason, kpis in by_reason.items())


def _own(asked: Asked) -> str:
    value = msgspec.json.encode((asked.kpi.value, asked.kpi.min_count)).decode()
    return fingerprint(value, msgspec.json.encode(asked.params, order="sorted").decode())


def _label(asked: Asked, card: Scorecard) -> str:
    """Name what the value is made by: targets, weights and the definitions of its KPIs too."""
    parts = [_own(asked)]
    for line in card.lines:
        goal = msgspec.json.encode(line.kpi.goal).decode()
        definition = line.value.definition if line.value else ""
        parts.append(f"{line.kpi.id} {line.kpi.weight} {goal} {definition}")
    return f"{asked.kpi.id}@{asked.kpi.version}#{fingerprint(*parts)[:8]}"


def _six_places(number: Fraction) -> Decimal:
    """Round half away from zero, as SQL does."""
    scaled = abs(number) * 1_000_000
    whole = int(scaled + Fraction(1, 2))
    plain = (Decimal(whole if number >= 0 else -whole) * PLACES).normalize()
    return Decimal(f"{plain:f}")
