"""Contacts, touches and deals by chance, with the accounts of `chance`.

Touches at one instant, stated again, planned or missed, without direction or account; threads
that overlap; contacts who come, change, leave and come back; deals opened twice, closed twice or
before they were opened, with an account that only some of their events name.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from typing import Any, TypeAlias

from tests.kpis.chance import DAYS, FIRST

CHANNELS = ("email", "email", "call", "video", "meeting", "chat", "other")
STATUSES = (None, None, None, "completed", "planned", "cancelled", "no_show")
ROLES = ("exec_sponsor", "decision_maker", "champion", "user", "other")
MANAGERS = ("chance-m1", "chance-m2", "chance-m3")
HOURS = (0, 0, 9, 15)

_Told: TypeAlias = tuple[str, dict[str, Any], dt.datetime]


def lines(seed: int = 5, accounts: int = 25) -> list[bytes]:
    """Return events as JSON lines, in no order at all."""
    dice = random.Random(seed)
    events: list[dict[str, Any]] = []
    for number in range(accounts):
        for name, data, at in _life(dice):
            anonymous = name.startswith(("deal.", "touch.")) and dice.random() < 0.1
            event = {
                "id": f"encounter-{len(events):05}",
                "type": name,
                "account_id": None if anonymous else f"chance-{number}",
                "manager_id": None if name.startswith("contact.") else dice.choice(MANAGERS),
                "occurred_at": at.isoformat(),
                "data": data | ({"deal_id": f"{data['deal_id']}-{number}"} if _deals(data) else {}),
            }
            events.append(event)
    dice.shuffle(events)
    return [json.dumps(event).encode() for event in events]


def _deals(data: dict[str, Any]) -> bool:
    return data.get("deal_id") is not None


def _life(dice: random.Random) -> Iterator[_Told]:
    for _ in range(dice.randrange(3)):
        yield "account.owner_assigned", {}, _moment(dice)
    for contact in range(dice.randrange(6)):
        yield from _contact(dice, f"c{contact}")
    for deal in range(dice.randrange(7)):
        yield from _deal(dice, f"d{deal}")
    for _ in range(dice.choice((0, 1, 5, 40))):
        yield "touch.logged", _touch(dice), _moment(dice)
    busy = _moment(dice)
    for _ in range(4):
        yield "touch.logged", _touch(dice), busy


def _contact(dice: random.Random, contact_id: str) -> Iterator[_Told]:
    at, known = _moment(dice), {"contact_id": contact_id}
    yield "contact.added", known | {"role": dice.choice(ROLES)}, at
    for _ in range(dice.randrange(4)):
        at += dt.timedelta(dice.randrange(1, 200))
        match dice.randrange(3):
            case 0:
                yield "contact.changed", known | {"role": dice.choice(ROLES)}, at
            case 1:
                yield "contact.left", known, at
            case _:
                yield "contact.added", known | {"role": dice.choice(ROLES)}, at


def _deal(dice: random.Random, deal_id: str) -> Iterator[_Told]:
    opened_at = _moment(dice)
    for _ in range(dice.choice((0, 1, 1, 1, 1, 2))):
        yield "deal.opened", {"deal_id": deal_id, "kind": "upsell", "amount": 9}, opened_at
        opened_at += dt.timedelta(dice.randrange(20))
    if dice.random() < 0.3:
        yield "deal.stage_changed", {"deal_id": deal_id, "stage": "offer"}, _moment(dice)
    for _ in range(dice.choice((0, 1, 1, 1, 2))):
        data = {"deal_id": deal_id, "amount": 8, "outcome": dice.choice(("won", "won", "lost"))}
        yield "deal.closed", data, opened_at + dt.timedelta(dice.randrange(-10, 150))


def _touch(dice: random.Random) -> dict[str, Any]:
    data: dict[str, Any] = {
        "channel": dice.choice(CHANNELS),
        "direction": dice.choice((None, "inbound", "outbound")),
        "minutes": dice.choice((None, 0, 7, 45, 90)),
        "contact_ids": [f"c{dice.randrange(8)}" for _ in range(dice.randrange(4))],
        "thread_id": dice.choice((None, "t1", "t2", "t3")),
        "touch_id": dice.choice((None, None, None, None, "again-1", "again-2")),
        "deal_id": dice.choice((None, *(f"d{n}" for n in range(7)))),
        "replied_at": dice.choice((None, None, "2025-06-01T00:00:00Z")),
    }
    if status := dice.choice(STATUSES):
        data["status"] = status
    return data


def _moment(dice: random.Random) -> dt.datetime:
    day = FIRST + dt.timedelta(dice.randrange(DAYS))
    return dt.datetime.combine(day, dt.time(dice.choice(HOURS)), dt.UTC)
