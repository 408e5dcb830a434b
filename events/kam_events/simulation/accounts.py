"""Accounts: who they are when they come."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from kam_events.simulation import names
from kam_events.simulation.calendar import DAY, HOUR, Calendar
from kam_events.simulation.dice import Dice, table
from kamengine.hookspecs import SimulationPlan

Fate = Literal["running", "renewed", "superseded", "not_renewed", "cancelled", "lapsed"]

SEGMENTS = table({"enterprise": 20, "mid-market": 45, "small": 35})
TIERS = {
    "enterprise": table({"A": 60, "B": 35, "C": 5}),
    "mid-market": table({"A": 15, "B": 60, "C": 25}),
    "small": table({"A": 2, "B": 28, "C": 70}),
}
ANNUAL_VALUE = {
    "enterprise": (300_000.0, 2_000_000.0),
    "mid-market": (50_000.0, 300_000.0),
    "small": (8_000.0, 50_000.0),
}
ALREADY_CUSTOMERS = 0.78
BILLED_IN_EUROS = 0.06
PLACE_OF_NEGLECTED = 3
PLACE_OF_FADING = 5


class Contact(msgspec.Struct):
    """A person at an account; ``warmth`` is how well disposed they are, from -1 to 1."""

    id: str
    role: str
    influence: int
    warmth: float


class Term(msgspec.Struct, gc=False):
    """One contract: when it was signed, what it covers and how it came to its end."""

    contract_id: str
    signed_at: int
    starts_on: dt.date
    ends_on: dt.date
    months: int
    prior: str | None = None
    rebid: bool = False
    fate: Fate = "running"
    ended_on: dt.date | None = None


class Account(msgspec.Struct):
    """An account with its past and its future, as far as chance has settled them.

    Attributes:
        health: From 0 to 1, a value for each month: it drives everything else.
        attention: How much of the usual contact the account gets in each month.
        spans: When it is a customer or about to be one, as pairs of seconds.
        value: What its contract is worth a year, now.
        amendments: Changes of that value to come, as pairs of second and amount.
        deals: Deals under way, as triples of id, opening and closing second.
        next_term: How many of its contracts have been signed so far.
    """

    id: str
    name: str
    segment: str
    tier: str
    currency: str | None
    opened_at: int
    value: float
    products: tuple[str, ...] = ()
    health: list[float] = []
    attention: list[float] = []
    owners: list[tuple[int, str]] = []
    contacts: list[Contact] = []
    terms: list[Term] = []
    spans: list[tuple[int, int]] = []
    merges_into: Account | None = None
    next_term: int = 0
    amendments: list[tuple[int, float]] = []
    deals: list[tuple[str, int, int]] = []
    campaign: tuple[str, int] | None = None
    referral: str | None = None

    def owner(self, at: int) -> str:
        """Return who owned the account at a second."""
        manager = self.owners[0][1]
        for since, name in self.owners:
            if since > at:
                break
            manager = name
        return manager

    @property
    def ends_at(self) -> int:
        """The second at which it is no customer any more."""
        return self.spans[-1][1]


def invent_accounts(plan: SimulationPlan, calendar: Calendar, dice: Dice) -> list[Account]:
    """Invent who the accounts are and when they come; most are customers from the first day."""
    stories = {PLACE_OF_NEGLECTED: names.NEGLECTED, PLACE_OF_FADING: names.FADING}
    accounts = []
    for place in range(plan.accounts):
        word = dice.pick(names.COMPANY_WORDS)
        segment = "mid-market" if place in stories else dice.pick(SEGMENTS)
        known = place in stories or dice.happens(ALREADY_CUSTOMERS)
        opened_at = 6 * HOUR + 7 * place % HOUR
        if not known:
            opened_at = calendar.working_moment(dice, 30 * DAY, calendar.end - 120 * DAY)
        name = stories.get(place, word)
        accounts.append(
            Account(
                id=stories.get(place, f"{word}-{place + 1:03d}"),
                name=f"{name.replace('-', ' ').title()} {dice.pick(names.COMPANY_ENDINGS)}",
                segment=segment,
                tier="B" if place in stories else dice.pick(TIERS[segment]),
                currency="EUR" if dice.happens(BILLED_IN_EUROS) else None,
                opened_at=opened_at,
                value=round(dice.skewed(*ANNUAL_VALUE[segment]), -2),
            )
        )
    return accounts
