"""Money, measurements and counts by chance, mostly with the accounts of `chance`.

Amounts of a day and of many months, negative ones and zeros, in several currencies and one without
a rate; orders in parts; costs of nobody; estimates that overlap; measurements and counts stated
again; actions put off or done twice; contracts that go live before they are signed.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from typing import Any, TypeAlias

from tests.kpis.chance import CURRENCIES, DAYS, FIRST, UNKNOWN_CURRENCY

PRODUCTS = (None, "crm", "crm", "bi")
KINDS = ("cogs", "cost_to_serve", "cost_to_serve", "acquisition", "other")
LENGTHS = (1, 5, 28, 31, 31, 45, 120)
LATE = dt.date(2025, 5, 3)

_Told: TypeAlias = tuple[str, dict[str, Any], dt.datetime]


def lines(seed: int = 23, accounts: int = 25) -> list[bytes]:
    """Return events as JSON lines, in no order at all."""
    dice = random.Random(seed)
    told: list[tuple[str | None, _Told]] = []
    for number in range(accounts):
        told += [(f"chance-{number}", what) for what in _life(dice, number)]
    told += [(None, what) for what in _organisation(dice)]
    events = [
        {
            "id": f"ledger-{number:05}",
            "type": name,
            "account_id": account,
            "occurred_at": at.isoformat(),
            "source": data.pop("source", "books"),
            "data": data,
        }
        for number, (account, (name, data, at)) in enumerate(told)
    ]
    dice.shuffle(events)
    return [json.dumps(event).encode() for event in events]


def _life(dice: random.Random, number: int) -> Iterator[_Told]:
    yield from _money(dice)
    yield from _measurements(dice)
    yield from _actions(dice)
    if number in (3, 4):
        period = {"period_start": f"{LATE:%Y-%m-%d}", "period_end": "2025-05-20"}
        unknown = period | {"amount": 10, "currency": UNKNOWN_CURRENCY}
        at = dt.datetime.combine(LATE, dt.time(), dt.UTC)
        yield "revenue.recognized", unknown | {"product": "crm"}, at
        yield "cost.recorded", unknown | {"kind": "cost_to_serve"}, at


def _money(dice: random.Random) -> Iterator[_Told]:
    for _ in range(dice.randrange(12)):
        data = _amount(dice) | {
            "product": dice.choice(PRODUCTS),
            "order_id": dice.choice((None, "o1", "o2")),
        }
        yield "revenue.recognized", data, _moment(dice)
    for _ in range(dice.randrange(8)):
        yield "cost.recorded", _amount(dice) | {"kind": dice.choice(KINDS)}, _moment(dice)
    for _ in range(dice.randrange(6)):
        total = {"total_spend": str(dice.randrange(1, 90_000_00) / 100)}
        estimate = _period(dice) | {"category": dice.choice(("crm", "bi")), **total}
        yield "wallet.estimated", estimate | {"currency": dice.choice(CURRENCIES)}, _moment(dice)


def _measurements(dice: random.Random) -> Iterator[_Told]:
    for _ in range(dice.randrange(10)):
        measured = {"used": dice.randrange(40), "entitled": dice.choice((0, 10, 40, 40))}
        period = dice.choice((JULY, _period(dice)))
        product = {"product": dice.choice(("crm", "bi"))}
        yield "usage.measured", period | measured | product, _moment(dice)
    for _ in range(dice.randrange(5)):
        contract = {"contract_id": f"k{dice.randrange(5)}"}
        yield "onboarding.completed", contract, _moment(dice)


def _actions(dice: random.Random) -> Iterator[_Told]:
    for _ in range(dice.randrange(8)):
        action = f"a{dice.randrange(4)}"
        due_on = f"{FIRST + dt.timedelta(dice.randrange(DAYS)):%Y-%m-%d}"
        weight = dice.choice(("0", "1", "2.5"))
        data = {"action_id": action, "plan_id": "p", "due_on": due_on, "weight": weight}
        yield "plan.action_set", data, _moment(dice)
        if dice.random() < 0.8:
            yield "plan.action_completed", {"action_id": action}, _moment(dice)


def _organisation(dice: random.Random) -> Iterator[_Told]:
    for _ in range(12):
        yield "cost.recorded", _amount(dice) | {"kind": dice.choice(KINDS)}, _moment(dice)
        yield (
            "pnl.posted",
            _amount(dice) | {"line": dice.choice(("net_income", "tax"))},
            _moment(dice),
        )
    for _ in range(30):
        period = dice.choice((JULY, THIRD_QUARTER, _period(dice)))
        counted = {"visits": dice.randrange(500), "source": dice.choice(("a", "b"))}
        unique = {"unique": dice.choice((None, dice.randrange(500)))}
        yield "web.visits_counted", period | counted | unique, _moment(dice)
        goal = {"goal_id": dice.choice(("demo", "trial")), "count": dice.randrange(50)}
        source = {"source": dice.choice(("a", "b"))}
        yield "web.goal_counted", period | goal | source, _moment(dice)


JULY = {"period_start": "2024-07-01", "period_end": "2024-08-01"}
THIRD_QUARTER = {"period_start": "2024-07-01", "period_end": "2024-10-01"}


def _amount(dice: random.Random) -> dict[str, Any]:
    amount = str(dice.randrange(-200_00, 1_000_00) / 100)
    chosen = dice.choice((amount, amount, amount, amount, "0"))
    return _period(dice) | {"amount": chosen, "currency": dice.choice(CURRENCIES)}


def _period(dice: random.Random) -> dict[str, str]:
    start = FIRST + dt.timedelta(dice.randrange(DAYS))
    end = start + dt.timedelta(dice.choice(LENGTHS))
    return {"period_start": f"{start:%Y-%m-%d}", "period_end": f"{end:%Y-%m-%d}"}


def _moment(dice: random.Random) -> dt.datetime:
    day = FIRST + dt.timedelta(dice.randrange(DAYS))
    return dt.datetime.combine(day, dt.time(dice.choice((0, 0, 9))), dt.UTC)
