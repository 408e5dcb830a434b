"""Deals with money in them, campaigns, propensities, leads and referrals by chance.

Deals in three currencies, one of them without a rate, by products that don't add up to the amount
or without either; stated again, closed again, won and lost; leads that qualify twice or were never
created; campaigns aimed at an account again after it had bought.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from kam_revenue.product_mix import TargetMix
from kam_revenue.sales_sources import Quotas
from kamengine.kpi import Params
from tests.kpis.chance import DAYS, FIRST

MANAGERS = ("chance-m1", "chance-m2", "chance-m3")
UNMEASURED = "chance-m4"
"""A manager for whom no quota is set."""

KINDS = ("new", "upsell", "cross_sell", "renewal", "reactivation", "new_stream")
PRODUCTS = ("core", "training", "mobile", "archive")
CAMPAIGNS = ("spring", "books", "2024-q2")
SOURCES = (None, "referral", "client", "website", "event")
HOURS = (0, 0, 9, 15)

QUOTAS = {
    "amara-01": Decimal(40_000),
    "boris-02": Decimal("12345.678901"),
    "chen-03": Decimal(0),
    "dana-04": Decimal(25_000),
    "emil-05": Decimal(1),
    "fatima-06": Decimal(30_000),
    "chance-m1": Decimal(500),
    "chance-m2": Decimal("0.000001"),
    "chance-m3": Decimal(0),
}
TARGET_MIX = {"core": Fraction(3, 10), "training": Fraction(9, 20), "analytics": Fraction(1, 4)}
PARAMS: dict[str, Params] = {
    "quota_attainment": Quotas(monthly=QUOTAS),
    "product_mix_alignment": TargetMix(
        shares={product: Decimal(str(float(share))) for product, share in TARGET_MIX.items()}
    ),
}
"""Settings that the invented organisation needs for these KPIs to say anything."""

_Told: TypeAlias = tuple[str, dict[str, Any], dt.datetime]


def lines(seed: int = 23, accounts: int = 25) -> list[bytes]:
    """Return events as JSON lines, in no order at all."""
    dice = random.Random(seed)
    told = [*_sales(dice, accounts), *_prospects(dice, accounts), *_strangers(dice), *_staff()]
    events = [
        {
            "id": f"commerce-{place:05}",
            "type": name,
            "account_id": account,
            "manager_id": manager,
            "occurred_at": at.isoformat(),
            "data": {key: value for key, value in data.items() if value is not None},
        }
        for place, (account, manager, (name, data, at)) in enumerate(told)
    ]
    dice.shuffle(events)
    return [json.dumps(event).encode() for event in events]


_Signed: TypeAlias = tuple[str | None, str | None, _Told]
"""Account, manager, and what is told of them."""


def _sales(dice: random.Random, accounts: int) -> Iterator[_Signed]:
    for number in range(accounts):
        for told in _life(dice, number):
            manager = None
            if told[1].get("deal_id") == "m3-1":
                manager = UNMEASURED
            elif told[0] in {"deal.opened", "deal.closed"}:
                manager = dice.choice(MANAGERS)
            anonymous = told[0].startswith("deal.") and dice.random() < 0.1
            yield None if anonymous else f"chance-{number}", manager, told


def _prospects(dice: random.Random, accounts: int) -> Iterator[_Signed]:
    for number in range(60):
        for told in _lead(dice, f"chance-lead-{number}"):
            converted = told[0] == "lead.converted"
            account = f"chance-{dice.randrange(accounts)}" if converted else None
            yield account, dice.choice((None, *MANAGERS)), told


def _strangers(dice: random.Random) -> Iterator[_Signed]:
    """Prospects who have no account yet, and perhaps a deal."""
    for number in range(12):
        about = {"channel": "email", "direction": "outbound", "prospect_id": f"p{number}"}
        at = _moment(dice)
        for _ in range(dice.randrange(1, 5)):
            deal = {"deal_id": dice.choice((None, f"p{number}-deal"))}
            yield None, dice.choice(MANAGERS), ("touch.logged", about | deal, at)
            at += dt.timedelta(dice.choice((0, 2, 20)))
        closed = {"deal_id": f"p{number}-deal", "outcome": "won", "amount": 3}
        if number % 2:
            yield None, dice.choice(MANAGERS), ("deal.closed", closed, at)


def _staff() -> Iterator[_Signed]:
    for manager, first, days in (("chance-m1", 0, None), ("chance-m2", 40, 300)):
        at = dt.datetime.combine(FIRST + dt.timedelta(first), dt.time(9), dt.UTC)
        hired = {"name": manager, "hired_on": f"{at:%Y-%m-%d}"}
        yield None, manager, ("manager.hired", hired, at)
        if days is not None:
            yield None, manager, ("manager.left", {}, at + dt.timedelta(days))


def _life(dice: random.Random, number: int) -> Iterator[_Told]:
    for deal in range(dice.randrange(2, 7)):
        yield from _deal(dice, f"m{number}-{deal}", strange=number in (3, 4) and deal == 0)
    for _ in range(dice.randrange(4)):
        yield "campaign.targeted", {"campaign_id": dice.choice(CAMPAIGNS)}, _moment(dice)
    for _ in range(dice.randrange(10)):
        data = {
            "kind": dice.choice(("upsell", "cross_sell", "churn")),
            "probability": dice.choice(("0.1", "0.499999", "0.5", "0.9")),
        }
        yield "propensity.scored", data, _moment(dice)
    for _ in range(dice.randrange(4)):
        yield "referral.received", {"referral_id": dice.choice(("r1", "r2", "r3"))}, _moment(dice)


def _deal(dice: random.Random, deal_id: str, *, strange: bool) -> Iterator[_Told]:
    at, known = _moment(dice), {"deal_id": deal_id}
    for _ in range(dice.choice((1, 1, 1, 2))):
        opened = known | {
            "kind": dice.choice(KINDS),
            "probability": dice.choice((None, "0.2", "0.5", "0.8")),
            "referral_id": dice.choice((None, None, "r1")),
            "campaign_id": dice.choice((None, *CAMPAIGNS)),
        }
        yield "deal.opened", opened | ({} if strange else _worth(dice)), at
        at += dt.timedelta(dice.randrange(30))
    for _ in range(dice.randrange(3)):
        moved = known | {
            "stage": "offer",
            "probability": dice.choice((None, "0.4", "0.6")),
            "amount": None if strange else dice.choice((None, "77.777777")),
        }
        yield "deal.stage_changed", moved, at
        at += dt.timedelta(dice.randrange(30))
    for _ in range(dice.choice((0, 1, 1, 1, 2))):
        closed = known | {"outcome": dice.choice(("won", "won", "lost"))}
        if strange:
            closed |= {"amount": "5", "currency": "XTS"} if deal_id == "m4-0" else {}
        elif dice.random() < 0.6:
            closed |= _worth(dice)
        yield "deal.closed", closed, at
        at += dt.timedelta(dice.randrange(30))


def _worth(dice: random.Random) -> dict[str, Any]:
    products = {
        product: str(dice.randrange(1, 900_000_000) / 1_000_000)
        for product in dice.sample(PRODUCTS, dice.randrange(1, 4))
    }
    stated = dice.choice(("amount", "products", "both", "both"))
    return {
        "currency": dice.choice((None, None, "USD", "EUR")),
        "products": None if stated == "amount" else products,
        "amount": None if stated == "products" else str(dice.randrange(100_000) / 100),
    }


def _lead(dice: random.Random, lead_id: str) -> Iterator[_Told]:
    at, known = _moment(dice), {"lead_id": lead_id}
    for _ in range(dice.choice((0, 1, 1, 1, 2))):
        created = known | {
            "source": dice.choice(SOURCES),
            "referring_account_id": dice.choice((None, None, None, "chance-1")),
        }
        yield "lead.created", created, at
        at += dt.timedelta(dice.choice((0, 3, 29, 30, 31)))
    for _ in range(dice.choice((0, 1, 1, 2))):
        yield "lead.qualified", known, at
        at += dt.timedelta(dice.choice((0, 3, 29, 30, 31)))
    if dice.random() < 0.4:
        yield "lead.converted", known, at


def _moment(dice: random.Random) -> dt.datetime:
    day = FIRST + dt.timedelta(dice.randrange(DAYS))
    return dt.datetime.combine(day, dt.time(dice.choice(HOURS)), dt.UTC)
