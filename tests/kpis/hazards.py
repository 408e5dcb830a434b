"""Competitors, calls, risks and suppliers by chance, with the accounts of `chance`.

Sightings reported twice, answered twice, late, never, or before they were made; calls likewise;
risks assessed at one instant, in currencies without a rate; suppliers counted and none left.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from typing import Any, TypeAlias

from tests.kpis.chance import DAYS, FIRST, UNKNOWN_CURRENCY

CURRENCIES = (None, None, "USD", "EUR")
STATUSES = ("preferred", "sole", "approved", "none")
HOURS = (0, 0, 9, 15)
HASTY = 3
"""The account where some answers come before what they answer."""

_Told: TypeAlias = tuple[str, dict[str, Any], dt.datetime]


def lines(seed: int = 7, accounts: int = 25) -> list[bytes]:
    """Return events as JSON lines, in no order at all."""
    dice = random.Random(seed)
    events: list[dict[str, Any]] = []
    for number in range(accounts):
        for name, data, at in _life(dice, number):
            event = {
                "id": f"hazard-{len(events):05}",
                "type": name,
                "account_id": f"chance-{number}",
                "occurred_at": at.isoformat(),
                "data": data,
            }
            events.append(event)
    dice.shuffle(events)
    return [json.dumps(event).encode() for event in events]


def _life(dice: random.Random, number: int) -> Iterator[_Told]:
    earliest = -1 if number == HASTY else 0
    for sighting in range(dice.randrange(6)):
        data = {"sighting_id": f"s{sighting}", "competitor": dice.choice((None, "x", "y"))}
        yield from _answered(dice, "competitor.sighted", "competitor.responded", data, earliest)
    for call in range(dice.randrange(6)):
        data = {"call_id": f"c{call}"}
        yield from _answered(dice, "call.received", "call.answered", data, earliest)
    for _ in range(dice.randrange(7)):
        yield from _assessed(dice, UNKNOWN_CURRENCY if number == 4 else dice.choice(CURRENCIES))
    for _ in range(dice.choice((0, 3, 12))):
        category, at = dice.choice("ab"), _moment(dice)
        yield "supplier.counted", {"category": category, "count": dice.randrange(6)}, at
        category, at = dice.choice("ab"), _moment(dice)
        status = {"category": category, "status": dice.choice(STATUSES)}
        yield "supplier.status_changed", status, at


def _answered(
    dice: random.Random, asked: str, answered: str, data: dict[str, Any], earliest: int
) -> Iterator[_Told]:
    at = _moment(dice)
    for _ in range(dice.choice((1, 1, 1, 2))):
        yield asked, data, at
    key: dict[str, Any] = {name: said for name, said in data.items() if name.endswith("_id")}
    for _ in range(dice.choice((0, 1, 1, 1, 2))):
        hours = dice.choice((earliest, 0, 1, 47, 48, 49, 900))
        yield answered, key, at + dt.timedelta(hours=hours)


def _assessed(dice: random.Random, currency: str | None) -> Iterator[_Told]:
    at = _moment(dice)
    for _ in range(dice.choice((1, 1, 1, 2))):
        data = {
            "likelihood": dice.choice((0, "0.25", "0.5", "0.499999", 1)),
            "impact": str(dice.randrange(10_000_00) / 100),
            "currency": currency,
        }
        yield "risk.assessed", data, at


def _moment(dice: random.Random) -> dt.datetime:
    day = FIRST + dt.timedelta(dice.randrange(DAYS))
    return dt.datetime.combine(day, dt.time(dice.choice(HOURS)), dt.UTC)
