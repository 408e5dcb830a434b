"""At each window's end, what everybody who is still there could do when last assessed."""

from __future__ import annotations

from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.pupils import MANAGERS, by_manager
from tests.kpis.tally import Event, Tally, Values, of_type

GRAINS = MANAGERS


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    told = of_type(events, "assessment.completed", "manager.left")
    for window in windows:
        skills: dict[str, dict[str, list[Event]]] = {}
        for event in told:
            if event["occurred_at"] >= window.t1:
                break
            if event["type"] == "manager.left":
                skills.pop(event["manager_id"], None)
            else:
                own = skills.setdefault(event["manager_id"], {})
                own.setdefault(event["data"]["competency"], []).append(event)
        for manager, competencies in skills.items():
            for assessed in competencies.values():
                score, most = _last(assessed)
                tally.add(manager, window, score, most)
    return by_manager(tally.ratios())


def _last(assessed: list[Event]) -> tuple[Decimal, Decimal]:
    """Return score and maximum of the last; of several at one instant, of the highest score."""
    at = assessed[-1]["occurred_at"]
    last = {
        event["data"]["instrument"]: (
            Decimal(str(event["data"]["score"])),
            Decimal(str(event["data"]["max"])),
        )
        for event in assessed
        if event["occurred_at"] == at
    }
    return max(last.values())
