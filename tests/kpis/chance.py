"""Accounts to whom everything happens by chance, for what no plausible history holds.

Contracts of a few days, overlapping, with gaps, renewed too early or too late, cancelled,
amended out of order and stated again; contacts who answer twice at once; issues reopened.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from typing import Any

FIRST, DAYS = dt.date(2023, 7, 1), 700
CURRENCIES = (None, None, None, "USD", "EUR")
UNKNOWN_CURRENCY = "XTS"


def lines(seed: int = 11, accounts: int = 25) -> list[bytes]:
    """Return events as JSON lines, in no order at all."""
    dice = random.Random(seed)
    events: list[dict[str, Any]] = []
    for number in range(accounts):
        account = f"chance-{number}"
        for name, data, day in _life(dice, number):
            at = dt.datetime.combine(day, dt.time(dice.choice((0, 0, 9, 15))), dt.UTC)
            events.append(
                {
                    "id": f"chance-event-{len(events):05}",
                    "type": name,
                    "account_id": account,
                    "occurred_at": at.isoformat(),
                    "data": data,
                }
            )
    dice.shuffle(events)
    return [json.dumps(event).encode() for event in events]


_Told = tuple[str, dict[str, Any], dt.date]


def _life(dice: random.Random, number: int) -> Iterator[_Told]:
    if number % 2:
        yield "account.opened", {"name": f"Chance {number}"}, FIRST
    day = FIRST + dt.timedelta(dice.randrange(90))
    for contract in range(dice.randrange(3, 9)):
        yield from _contract(
            dice, contract, day, UNKNOWN_CURRENCY if number == contract == 2 else None
        )
        day += dt.timedelta(dice.choice((0, 1, 10, 30, 60, 90)))
    for _ in range(dice.randrange(12)):
        yield from _answer(dice)
    for issue in range(dice.randrange(5)):
        yield from _issue(dice, f"i{issue}")
    for _ in range(dice.randrange(8)):
        data = {"criterion": dice.choice("abc"), "score": dice.choice((None, 1, 4, 7, 10))}
        yield "key_account.scored", data, _day(dice)


def _contract(
    dice: random.Random, number: int, starts: dt.date, currency: str | None
) -> Iterator[_Told]:
    ends = starts + dt.timedelta(dice.choice((1, 5, 14, 31, 60, 120, 365)))
    data: dict[str, Any] = {
        "contract_id": f"k{number}",
        "starts_on": f"{starts:%Y-%m-%d}",
        "ends_on": f"{ends:%Y-%m-%d}",
        "annual_value": str(dice.randrange(100, 10_000_00) / 100),
        "currency": currency or dice.choice(CURRENCIES),
    }
    told = max(FIRST, starts - dt.timedelta(dice.randrange(30)))
    if number and dice.random() < 0.6:
        data |= {"prior_contract_id": f"k{dice.randrange(number)}", "rebid": dice.random() < 0.4}
        yield "contract.renewed", data, told
    else:
        yield "contract.signed", data, told
    if dice.random() < 0.2:
        later = {"ends_on": f"{ends + dt.timedelta(dice.randrange(40)):%Y-%m-%d}"}
        kind = "contract.renewed" if "prior_contract_id" in data else "contract.signed"
        yield kind, data | later, told + dt.timedelta(dice.randrange(3))
    for _ in range(dice.randrange(4)):
        effective_on = starts + dt.timedelta(dice.randrange(-10, 70))
        change = {
            "contract_id": f"k{number}",
            "effective_on": f"{effective_on:%Y-%m-%d}",
            "annual_value_change": str(dice.randrange(-500_00, 1000_00) / 100),
        }
        yield "contract.amended", change, _day(dice)
    if dice.random() < 0.3:
        effective_on = starts + dt.timedelta(dice.randrange(-3, 70))
        ended = {
            "contract_id": f"k{number}",
            "effective_on": f"{effective_on:%Y-%m-%d}",
            "reason": dice.choice(("cancelled", "not_renewed", "superseded")),
        }
        yield "contract.ended", ended, _day(dice)


def _answer(dice: random.Random) -> Iterator[_Told]:
    day = _day(dice)
    for _ in range(dice.choice((1, 1, 1, 2))):
        data: dict[str, Any] = {
            "kind": dice.choice(("nps", "nps", "csat")),
            "contact_id": dice.choice((None, "c1", "c2", "c3")),
            "response_id": dice.choice((None, None, None, "r1")),
        }
        if data["kind"] == "nps":
            data["score"] = dice.randrange(11)
        elif dice.random() < 0.5:
            data["score"] = dice.randrange(1, 6)
        else:
            data |= {"score": dice.randrange(1, 6), "scale_min": 1, "scale_max": 10}
        yield "survey.responded", data, day


def _issue(dice: random.Random, issue_id: str) -> Iterator[_Told]:
    day = _day(dice)
    yield "issue.opened", {"issue_id": issue_id}, day
    for turn in range(dice.randrange(5)):
        day += dt.timedelta(dice.randrange(1, 20))
        name = "issue.reopened" if turn % 2 else "issue.resolved"
        yield name, {"issue_id": issue_id}, day


def _day(dice: random.Random) -> dt.date:
    return FIRST + dt.timedelta(dice.randrange(DAYS))
