"""What managers learn, by chance: hired, gone and back, assessed, rated, trained, certified, asked.

Assessments twice a day, from nothing and out of another maximum; ratings by few and by the same;
courses assigned again, done late, done before; certificates renewed in time and too late; answers
on other scales and of nobody.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from typing import Any, TypeAlias

from tests.kpis.chance import DAYS, FIRST

HOURS = (0, 0, 9, 15)

_Told: TypeAlias = tuple[str, dict[str, Any], dt.datetime]


def lines(seed: int = 3, managers: int = 12) -> list[bytes]:
    """Return events as JSON lines, in no order at all."""
    dice = random.Random(seed)
    events: list[dict[str, Any]] = []
    for number in range(managers):
        for name, data, at in _life(dice, number):
            anonymous = name == "survey.responded" and dice.random() < 0.3
            event = {
                "id": f"schooling-{len(events):05}",
                "type": name,
                "manager_id": None if anonymous else f"pupil-{number}",
                "occurred_at": at.isoformat(),
                "data": data,
            }
            events.append(event)
    dice.shuffle(events)
    return [json.dumps(event).encode() for event in events]


def _life(dice: random.Random, number: int) -> Iterator[_Told]:
    yield from _career(dice, number)
    for name, tell, most in (
        ("coaching.held", _coaching, (0, 3, 12)),
        ("assessment.completed", _assessment, (0, 4, 15)),
        ("feedback.given", _feedback, (0, 2, 30)),
        ("survey.responded", _answer, (0, 3, 9)),
    ):
        for _ in range(dice.choice(most)):
            yield name, tell(dice), _moment(dice)
    for course in range(dice.randrange(6)):
        yield from _course(dice, f"course-{course}")
    for _ in range(dice.randrange(6)):
        at = _moment(dice)
        expires_on = dice.choice((None, f"{at.date() + dt.timedelta(dice.randrange(1, 500))}"))
        yield "certification.awarded", {"name": dice.choice("xyz"), "expires_on": expires_on}, at


def _career(dice: random.Random, number: int) -> Iterator[_Told]:
    at = _moment(dice)
    for _ in range(dice.randrange(4)):
        hired_on = at.date() - dt.timedelta(dice.randrange(20))
        yield "manager.hired", {"name": f"Pupil {number}", "hired_on": f"{hired_on}"}, at
        at += dt.timedelta(dice.randrange(200))
        if dice.random() < 0.7:
            yield "manager.left", {}, at
            at += dt.timedelta(dice.randrange(100))


def _coaching(dice: random.Random) -> dict[str, Any]:
    return {"minutes": dice.randrange(90)}


def _assessment(dice: random.Random) -> dict[str, Any]:
    most = dice.choice((5, 7, 100))
    return {
        "instrument": dice.choice(("test", "talk")),
        "competency": dice.choice("ab"),
        "score": dice.choice((0, 1, 2.5, most)),
        "max": most,
    }


def _feedback(dice: random.Random) -> dict[str, Any]:
    most = dice.choice((3, 5, 5, 10))
    return {
        "rater_id": f"r{dice.randrange(5)}",
        "rater_group": dice.choice(("peer", "peer", "report", "superior")),
        "score": dice.randrange(most + 1),
        "max": most,
    }


def _course(dice: random.Random, course_id: str) -> Iterator[_Told]:
    at, course = _moment(dice), {"course_id": course_id}
    for _ in range(dice.choice((1, 1, 2))):
        due_on = at.date() + dt.timedelta(dice.randrange(60))
        assigned = {"due_on": f"{due_on}", "mandatory": dice.random() < 0.8}
        yield "training.assigned", course | assigned, at
        at += dt.timedelta(dice.randrange(10))
    for _ in range(dice.choice((0, 1, 1, 2))):
        yield "training.completed", course, at + dt.timedelta(dice.randrange(-10, 80))


def _answer(dice: random.Random) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": "esat", "score": dice.randrange(1, 6)}
    data["response_id"] = dice.choice((None, None, None, f"again-{dice.randrange(9)}"))
    return data | ({"scale_min": 1, "scale_max": 10} if dice.random() < 0.2 else {})


def _moment(dice: random.Random) -> dt.datetime:
    day = FIRST + dt.timedelta(dice.randrange(DAYS))
    return dt.datetime.combine(day, dt.time(dice.choice(HOURS)), dt.UTC)
