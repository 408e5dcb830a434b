"""What oracles share: adding up by manager and over the organisation; when managers were away."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from kamengine.kpi import SubjectType
from tests.kpis.tally import Event, Values, of_type

MANAGERS: tuple[SubjectType, ...] = ("manager", "organisation")
"""The grains that an oracle of a KPI without accounts speaks of."""


def by_manager(values: Values) -> Values:
    """Return what was tallied under managers in place of accounts as values of managers."""
    renamed = {"account": "manager", "organisation": "organisation"}
    return {(renamed[grain], whose, period): v for (grain, whose, period), v in values.items()}


def away(events: list[Event], manager: str, moment: dt.datetime) -> bool:
    """Whether a manager had left by a moment, and not come back."""
    moves: dict[str, list[tuple[dt.datetime, int, str]]] = defaultdict(list)
    for event in of_type(events, "manager.hired", "manager.left"):
        if event["type"] == "manager.left":
            moves[event["manager_id"]].append((event["occurred_at"], 2, event["id"]))
        else:
            day = dt.date.fromisoformat(event["data"]["hired_on"])
            hired_at = dt.datetime.combine(day, dt.time(), dt.UTC)
            moves[event["manager_id"]].append((hired_at, 1, event["id"]))
    past = [move for move in sorted(moves[manager]) if move[0] <= moment]
    return bool(past) and past[-1][1] == 2
