"""Goals one by one: as last set, as last measured."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.bonds import last_instant
from tests.kpis.tally import Event, Tally, Values, around, of_type

TOLERANCE = Fraction(1, 1_000_000)
"""Progress that doesn't come out even has six digits."""


def expected(events: list[Event], windows: list[Window]) -> Values:
    values = {_key(e): e["data"]["value"] for e in of_type(events, "goal.progressed")}
    goals = {_key(event): event["data"] for event in of_type(events, "goal.set")}
    tally = Tally()
    for (account, goal_id), goal in goals.items():
        if goal["owner"] != "customer":
            continue
        progress = _progress(goal, values.get((account, goal_id)))
        weight = Fraction(Decimal(goal["weight"]))
        for window in around(windows, last_instant(goal["due_on"])):
            tally.add(account, window, weight * progress, weight)
    return tally.ratios()


def _progress(goal: Event, value: str | int | Decimal | None) -> Fraction:
    if value is None:
        return Fraction(0)
    baseline, target = (Fraction(Decimal(goal[end])) for end in ("baseline", "target"))
    return max(Fraction(0), min(Fraction(1), (Fraction(value) - baseline) / (target - baseline)))


def _key(event: Event) -> tuple[str, str]:
    return event["account_id"], event["data"]["goal_id"]
