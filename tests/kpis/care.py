"""Care by chance for the accounts of `chance`: plans, needs, proposals, goals, references.

Things stated again at one instant, taken back, out of order and under ids that nobody announced;
lists that overlap; managers who leave and come back; touches that are rated and have a purpose.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from typing import Any, TypeAlias

from tests.kpis.chance import DAYS, FIRST
from tests.kpis.encounters import CHANNELS, HOURS, MANAGERS, ROLES

SENTIMENTS = ("positive", "neutral", "negative")

_Told: TypeAlias = tuple[str, dict[str, Any], dt.datetime]


def lines(seed: int = 7, accounts: int = 25) -> list[bytes]:
    """Return events as JSON lines, in no order at all."""
    dice = random.Random(seed)
    events: list[dict[str, Any]] = []
    for number in range(accounts):
        for name, data, at in _account(dice):
            _tell(events, name, data, at, f"chance-{number}", dice.choice(MANAGERS))
    for manager in MANAGERS:
        for name, data, at in _manager(dice):
            _tell(events, name, data, at, None, manager)
    for _ in range(12):
        named = [f"chance-{dice.randrange(accounts)}" for _ in range(dice.randrange(6))]
        data = {"list_id": dice.choice(("a", "b")), "account_ids": named}
        _tell(events, "named_list.set", data, _moment(dice), None, None)
    dice.shuffle(events)
    return [json.dumps(event).encode() for event in events]


def _tell(
    events: list[dict[str, Any]],
    name: str,
    data: dict[str, Any],
    at: dt.datetime,
    account: str | None,
    manager: str | None,
) -> None:
    event = {"id": f"care-{len(events):05}", "type": name, "occurred_at": at.isoformat()}
    events.append(event | {"account_id": account, "manager_id": manager, "data": data})


def _account(dice: random.Random) -> Iterator[_Told]:
    yield from _people(dice)
    yield from _plans(dice)
    yield from _outcomes(dice)
    for goal in range(dice.randrange(5)):
        yield from _goal(dice, f"g{goal}")
    for review in range(dice.randrange(4)):
        yield from _review(dice, f"r{review}")


def _people(dice: random.Random) -> Iterator[_Told]:
    for _ in range(dice.randrange(4)):
        yield "account.changed", {"tier": dice.choice("ABCD")}, _moment(dice)
    for contact in range(dice.randrange(4)):
        data = {"contact_id": f"c{contact}", "role": dice.choice(ROLES)}
        yield "contact.added", data | {"influence": dice.choice((None, 0, 3, 10))}, _moment(dice)
    for _ in range(dice.choice((0, 3, 30))):
        yield "touch.logged", _touch(dice), _moment(dice)


def _outcomes(dice: random.Random) -> Iterator[_Told]:
    for _ in range(dice.randrange(8)):
        yield "needs.assessed", _need(dice), _moment(dice)
    for _ in range(dice.randrange(8)):
        yield from _proposal(dice)
    for _ in range(dice.randrange(8)):
        data = {"mention_id": dice.choice(("m1", "m2", "m3", "m4")), "channel": "news"}
        yield "mention.captured", data | {"sentiment": dice.choice(SENTIMENTS)}, _moment(dice)
    for _ in range(dice.randrange(6)):
        yield from _reference(dice)


def _touch(dice: random.Random) -> dict[str, Any]:
    return {
        "channel": dice.choice(CHANNELS),
        "direction": dice.choice((None, "inbound", "outbound")),
        "contact_ids": [f"c{dice.randrange(6)}" for _ in range(dice.randrange(3))],
        "purpose": dice.choice((None, "strategic", "support")),
        "quality": dice.choice((None, 1, 2, 5)),
        "status": dice.choice(("completed", "completed", "no_show")),
    }


def _plans(dice: random.Random) -> Iterator[_Told]:
    at = _moment(dice)
    for _ in range(dice.randrange(5)):
        plan = {"plan_id": dice.choice("pq")}
        yield "plan.published", plan | {"version": dice.randrange(1, 4)}, at
        for _ in range(dice.randrange(5)):
            score = {"criterion": dice.choice("abc"), "score": dice.randrange(6), "max": 5}
            scored_at = at + dt.timedelta(dice.choice((-1, 0, 0, 10, 60)))
            weight = dice.choice((0, 1, 3))
            yield "plan.scored", {**plan, **score, "weight": weight}, scored_at
        at += dt.timedelta(dice.choice((0, 40, 90)))


def _need(dice: random.Random) -> dict[str, Any]:
    return {
        "need_id": dice.choice(("n1", "n2", "n3")),
        "importance": dice.randrange(1, 6),
        "understanding": dice.randrange(6),
        "validated_by_customer": dice.random() < 0.6,
    }


def _proposal(dice: random.Random) -> Iterator[_Told]:
    proposal = {"proposal_id": dice.choice(("p1", "p2", "p3", "p4"))}
    yield "proposal.submitted", proposal, _moment(dice)
    if dice.random() < 0.7:
        rating = {"score": dice.randrange(1, 6), "rater": dice.choice(("customer", "manager"))}
        yield "proposal.rated", proposal | rating, _moment(dice)


def _reference(dice: random.Random) -> Iterator[_Told]:
    at, contact = _moment(dice), {"contact_id": dice.choice((None, "c1", "c2"))}
    ends = (at + dt.timedelta(dice.randrange(300))).date()
    yield "reference.agreed", contact | {"valid_to": dice.choice((None, f"{ends}"))}, at
    if dice.random() < 0.5:
        who = {"contact_id": dice.choice((None, "c1", "c2"))}
        yield "reference.withdrawn", who, at + dt.timedelta(dice.randrange(-20, 200))


def _goal(dice: random.Random, goal: str) -> Iterator[_Told]:
    for _ in range(dice.choice((1, 1, 2))):
        at = _moment(dice)
        terms = {
            "goal_id": goal,
            "owner": dice.choice(("customer", "customer", "us")),
            "baseline": dice.choice((0, 10, "20.5")),
            "target": dice.choice((5, 30, 100)),
            "due_on": f"{(at + dt.timedelta(dice.randrange(200))).date()}",
            "weight": dice.choice((0, 1, "2.5")),
        }
        yield "goal.set", terms, at
    for _ in range(dice.randrange(3)):
        value = dice.choice((-5, 7, "22.75", 60, 120))
        yield "goal.progressed", {"goal_id": goal, "value": value}, _moment(dice)


def _review(dice: random.Random, review: str) -> Iterator[_Told]:
    at = _moment(dice)
    for _ in range(dice.choice((0, 1, 1, 2))):
        due_on = (at + dt.timedelta(dice.randrange(60))).date()
        yield "review.scheduled", {"review_id": review, "due_on": f"{due_on}"}, at
    for _ in range(dice.choice((0, 1, 1, 2))):
        yield "review.held", {"review_id": review}, at + dt.timedelta(dice.randrange(60))


def _manager(dice: random.Random) -> Iterator[_Told]:
    at = dt.datetime.combine(FIRST, dt.time(10), dt.UTC)
    for _ in range(3):
        hired = {"name": "Chance", "hired_on": f"{at.date()}", "team": dice.choice("xy")}
        yield "manager.hired", hired, at
        for _ in range(dice.randrange(4)):
            moved = at + dt.timedelta(dice.randrange(150))
            yield "manager.team_assigned", {"team": dice.choice("xy")}, moved
        at += dt.timedelta(dice.randrange(100, 250))
        yield "manager.left", {}, at
        at += dt.timedelta(dice.randrange(60))
    for rater in range(8):
        for _ in range(dice.randrange(6)):
            scale_max = dice.choice((4, 5, 10))
            score = dice.randrange(1, scale_max + 1)
            data = {"rater_id": f"r{rater}", "score": score, "scale_max": scale_max}
            yield "collaboration.rated", data, _moment(dice)


def _moment(dice: random.Random) -> dt.datetime:
    day = FIRST + dt.timedelta(dice.randrange(DAYS))
    return dt.datetime.combine(day, dt.time(dice.choice(HOURS)), dt.UTC)
