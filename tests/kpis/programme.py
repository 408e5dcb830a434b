"""A scorecard for everybody, and a second way to what is made of it: attainments from oracles."""

from __future__ import annotations

import datetime as dt
import importlib
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.bonds import last_employment
from tests.kpis.tally import Event, Key, Values, of_type

Attained = dict[str, dict[Key, Fraction]]
"""KPI to whose and when to how much."""

GOALS: dict[str, tuple[str, str, str]] = {
    "contact_gap_days": ("90", "20", "5"),
    "inbound_interaction_share": ("0.1", "0.5", "0.6"),
    "nps": ("-50", "50", "75"),
    "win_rate": ("0.2", "0.7", "0.9"),
    "time_to_close": ("200", "60", "30"),
    "issue_resolution_time": ("120", "24", "8"),
}
"""KPI to floor, target and stretch."""

FAMILIES = {
    "relationship": ("contact_gap_days", "inbound_interaction_share"),
    "revenue": ("win_rate", "time_to_close"),
    "retention": ("nps", "issue_resolution_time"),
}
LEADING = ("contact_gap_days", "inbound_interaction_share")
LAGGING = ("nps", "win_rate", "time_to_close", "issue_resolution_time")

CONFIG: dict[str, dict[str, object]] = {
    "kpis": {
        kpi: {"target": dict(zip(("floor", "target", "stretch"), goal, strict=True))}
        for kpi, goal in GOALS.items()
    },
    "scorecards": {
        "all": {
            "for": ["account", "manager", "team", "organisation"],
            "kpis": dict.fromkeys(GOALS, 1),
        }
    },
}


def attainments(events: list[Event], windows: list[Window]) -> Attained:
    """Return what everybody attains of each KPI, from the oracles' values."""
    found: Attained = {}
    for kpi, levels in GOALS.items():
        values: Values = importlib.import_module(f"tests.kpis.oracles.{kpi}").expected(
            events, windows
        )
        floor, target, stretch = map(Fraction, levels)
        found[kpi] = {key: _line(value, floor, target, stretch) for key, value in values.items()}
    return found


def _line(value: Fraction, floor: Fraction, target: Fraction, stretch: Fraction) -> Fraction:
    """Go from 0 at the floor to 1 at the target and 1.2 at the stretch; the same mirrored."""
    first = (value - floor) / (target - floor)
    if first < 1:
        return max(Fraction(0), first)
    return min(Fraction(6, 5), 1 + (value - target) / (stretch - target) / 5)


def mean(
    attained: dict[str, dict[Key, Fraction]], kpis: Iterable[str], key: Key
) -> Fraction | None:
    """Return the mean attainment of those KPIs that have a value."""
    known = [attained[kpi][key] for kpi in kpis if key in attained[kpi]]
    return sum(known, Fraction(0)) / len(known) if known else None


def keys(attained: Attained) -> set[Key]:
    """Return everybody who attains anything, with the periods."""
    return {key for values in attained.values() for key in values}


class Staff:
    """Who was here, and who had which account, day by day (in UTC)."""

    def __init__(self, events: list[Event]) -> None:
        employed = last_employment(events)
        self.hired = {manager: day for manager, (day, _) in employed.items()}
        self._left = {manager: at.date() for manager, (_, at) in employed.items() if at}
        self._owners: dict[str, list[tuple[dt.date, str]]] = defaultdict(list)
        assigned = of_type(events, "account.owner_assigned")
        for event in of_type(events, "account.opened", "account.owner_assigned"):
            opening = event["type"] == "account.opened"
            earlier = [
                e
                for e in assigned
                if e["record_id"] == event["record_id"] and e["occurred_at"] <= event["occurred_at"]
            ]
            if event["manager_id"] and not (opening and earlier):
                day = event["occurred_at"].date()
                self._owners[event["record_id"]].append((day, event["manager_id"]))

    def here(self, manager: str, day: dt.date) -> bool:
        """Whether a manager is employed on a day."""
        return self.hired[manager] <= day and (
            manager not in self._left or day < self._left[manager]
        )

    def serving(self, subject_type: str, subject: str, day: dt.date) -> list[str]:
        """Return who answers for a subject on a day."""
        if subject_type == "organisation":
            return [manager for manager in self.hired if self.here(manager, day)]
        had = [manager for since, manager in self._owners[subject] if since <= day]
        return [m for m in had[-1:] if m not in self.hired or self.here(m, day)]
