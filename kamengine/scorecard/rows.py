"""A scorecard as plain rows and one plain mapping, for tables, JSON and CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from kamengine.config.goals import goal_text
from kamengine.config.levels import Goal
from kamengine.scorecard.card import Line, Scorecard, Weighing
from kamengine.scorecard.composite import Composed
from kamengine.scorecard.tenure import Stint


def rows(card: Scorecard) -> list[dict[str, object]]:
    """Return one row for each KPI, in the order of the scorecard.

    Numbers keep all their digits, and ratios stay ratios: 0.07 for 7 %.
    """
    return [_row(line) for line in card.lines]


def document(card: Scorecard) -> dict[str, object]:
    """Return the whole scorecard: the score, what is missing from it, and the rows."""
    resolved = card.resolved
    return {
        "subject_type": resolved.subject.type,
        "subject": resolved.subject.id,
        "period": card.period,
        "scorecard": resolved.scorecard,
        "title": resolved.title,
        "because": resolved.because,
        "audience": resolved.audience,
        "score": _float(card.score),
        "reason": card.reason,
        "counted_weight": _plain(card.counted),
        "missing_weight": _plain(card.missing),
        "missing_share": float(card.missing_share),
        "missing_policy": resolved.missing,
        "colours": {
            "amber_from": float(card.edges.amber_from),
            "green_from": float(card.edges.green_from),
            "margin": float(card.edges.margin),
        },
        "family_weights": _families(card.weighing),
        "tenure": stint_rows(card.weighing.stints) if card.weighing else [],
        "kpis": rows(card),
        "removed": [
            {
                "kpi": removed.id,
                "reason": removed.origin.reason,
                "author": removed.origin.author,
                "until": removed.origin.until,
            }
            for removed in resolved.removed
        ],
        "notes": list(resolved.notes),
    }


def _row(line: Line) -> dict[str, object]:
    kpi, value = line.kpi, line.value
    return {
        "kpi": kpi.id,
        "title": kpi.title,
        "family": kpi.family,
        "value": value.value if value else None,
        "unit": kpi.unit,
        "count": value.count if value else None,
        "goal": goal_text(kpi.goal, kpi.kpi) if kpi.goal else "",
        **_levels(kpi.goal),
        "attainment": _float(line.attainment),
        "colour": line.colour,
        "weight": _plain(kpi.weight),
        "share": _float(line.share),
        "points": _float(line.points),
        "status": value.status if value else "unavailable",
        "left_out": line.left_out,
        "counted_as_zero": line.counted_as_zero,
        "reason": value.reason if value else None,
    }


def _levels(goal: Goal | None) -> dict[str, object]:
    names = ("floor", "target", "stretch", "low", "high", "floor_low", "floor_high")
    return {name: _plain(getattr(goal, name, None)) for name in names}


def _plain(number: Decimal | None) -> int | float | None:
    if number is None:
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _float(number: Fraction | None) -> float | None:
    return None if number is None else float(number)


def _families(weighing: Weighing | None) -> dict[str, float] | None:
    if weighing is None or weighing.problem:
        return None
    return {family: float(weight) for family, weight in weighing.families.items()}


def group_rows(composed: Composed) -> list[dict[str, object]]:
    """Return one row for each KPI that a composite is made of, by its group."""
    return [
        {
            "group": group.name,
            "group_weight": float(group.weight),
            "group_attainment": _float(group.attainment),
            "kpi": line.kpi.id,
            "value": line.value.value if line.value else None,
            "unit": line.kpi.unit,
            "goal": goal_text(line.kpi.goal, line.kpi.kpi) if line.kpi.goal else "",
            "attainment": _float(line.attainment),
            "left_out": line.left_out,
        }
        for group in composed.groups
        for line in group.lines
    ]


def tenure_rows(composed: Composed, events: Mapping[int, str]) -> list[dict[str, object]]:
    """Return one row for each stretch of days in one band of one manager's tenure.

    Args:
        composed: The composite.
        events: Log position to the event's own id.
    """
    rows = zip(composed.stints, stint_rows(composed.stints), strict=True)
    return [row | {"event": events.get(stint.service.position or 0)} for stint, row in rows]


def stint_rows(stints: Iterable[Stint]) -> list[dict[str, object]]:
    """Return one row for each stretch of days in one band of one manager's tenure."""
    return [
        {
            "manager": stint.service.manager,
            "hired_on": stint.service.hired_on,
            "from_month": stint.from_month,
            "days": stint.days,
            **{family: float(weight) for family, weight in stint.weights.items() if weight},
        }
        for stint in stints
    ]
