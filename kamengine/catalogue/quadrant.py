"""Effort against outcome: where what is put in doesn't come back, so that people talk about it.

Effort is the mean attainment of a scorecard's leading KPIs, outcome that of its lagging ones. High
effort with low outcome means "discuss": the two look at it together. It is a question and never a
penalty: nothing here ranks anybody, and nothing enters a score.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal, TypeAlias

import msgspec

from kamengine.kpi import Composite
from kamengine.scorecard.card import Line, Scorecard

Quadrant: TypeAlias = Literal["on course", "discuss", "learn from it", "support"]

QUADRANTS: dict[tuple[bool, bool], Quadrant] = {
    (True, True): "on course",
    (True, False): "discuss",
    (False, True): "learn from it",
    (False, False): "support",
}
"""By whether effort and outcome are high."""

HIGH = Fraction(4, 5)
"""The attainment from which on either is high, where nobody says otherwise."""

EVERY_FAMILY = "all"


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A subject's effort and outcome, in one family or in all.

    Attributes:
        subject: Whose.
        family: Of the KPIs; ``all`` for the whole scorecard.
        effort: Mean attainment of the leading KPIs; None where none has a value.
        outcome: Mean attainment of the lagging ones, likewise.
        leading: How many of them have a value.
        lagging: Likewise.
        quadrant: None where either side is missing.
    """

    subject: str
    family: str
    effort: Fraction | None
    outcome: Fraction | None
    leading: int
    lagging: int
    quadrant: Quadrant | None


def placed(cards: Iterable[Scorecard], high: Fraction = HIGH) -> list[Placed]:
    """Place everybody who has a scorecard, over all families and in each.

    KPIs count alike, as in ``effort_outcome_gap``; what is shown beside the scorecard doesn't.

    Args:
        cards: The scorecards with their values.
        high: The attainment from which on effort or outcome is high.
    """
    found: list[Placed] = []
    for card in cards:
        counting = [line for line in card.lines if _counts(line)]
        families = sorted({line.kpi.family or "" for line in counting})
        whose = card.resolved.subject.id
        found.append(_place(whose, EVERY_FAMILY, counting, high))
        for family in families:
            own = [line for line in counting if line.kpi.family == family]
            found.append(_place(whose, family, own, high))
    return found


def _counts(line: Line) -> bool:
    kpi = line.kpi.kpi
    return kpi is not None and line.kpi.weight > 0 and not isinstance(kpi.value, Composite)


def _place(subject: str, family: str, lines: list[Line], high: Fraction) -> Placed:
    leading, lagging = _attained(lines, "leading"), _attained(lines, "lagging")
    effort, outcome = _mean(leading), _mean(lagging)
    quadrant = None
    if effort is not None and outcome is not None:
        quadrant = QUADRANTS[effort >= high, outcome >= high]
    return Placed(
        subject=subject,
        family=family,
        effort=effort,
        outcome=outcome,
        leading=len(leading),
        lagging=len(lagging),
        quadrant=quadrant,
    )


def _attained(lines: list[Line], timing: str) -> list[Fraction]:
    return [
        line.attainment
        for line in lines
        if line.attainment is not None and line.kpi.kpi and line.kpi.kpi.timing == timing
    ]


def _mean(attained: list[Fraction]) -> Fraction | None:
    return sum(attained, Fraction(0)) / len(attained) if attained else None
