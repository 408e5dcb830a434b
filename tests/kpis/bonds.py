"""What oracles share: attendance, employment, cover to the instant; read from the raw events."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

from kamengine.periods import Window
from tests.kpis.cover import DAY, Book, contracts
from tests.kpis.money import rounded
from tests.kpis.talk import KEY_ROLES, Contact, completed, contacts
from tests.kpis.tally import Event, of_type

INSTANT = dt.timedelta(microseconds=1)
DECIDES = {"exec_sponsor", "decision_maker"}

Interval: TypeAlias = tuple[dt.datetime, dt.datetime | None]


def midnight(text: str) -> dt.datetime:
    """Return the instant at which a day begins."""
    return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC)


def last_instant(text: str) -> dt.datetime:
    """Return the last instant of a day."""
    return midnight(text) + DAY - INSTANT


def attended(events: list[Event]) -> Iterator[tuple[Event, set[str | None]]]:
    """Yield each completed touch with the roles that its contacts had at that moment."""
    known = contacts(events)
    for touch in completed(events):
        people = known.get(touch["account_id"], {})
        named = touch["data"].get("contact_ids") or ()
        present = [people[contact] for contact in named if contact in people]
        yield touch, {person.role(touch["occurred_at"] + INSTANT) for person in present}


def with_key_contacts(events: list[Event]) -> list[Event]:
    """Return the completed touches that a key contact attended."""
    return [touch for touch, roles in attended(events) if roles & KEY_ROLES]


def employments(events: list[Event]) -> dict[str, list[Interval]]:
    """Map managers to the times during which they were employed."""
    steps = defaultdict(list)
    for event in of_type(events, "manager.hired", "manager.left"):
        leaves = event["type"] == "manager.left"
        at = event["occurred_at"] if leaves else midnight(event["data"]["hired_on"])
        steps[event["manager_id"]].append((at, leaves, event["occurred_at"], event["id"]))
    found: dict[str, list[Interval]] = defaultdict(list)
    for manager, moves in steps.items():
        hiring: tuple[dt.datetime, str, dt.datetime] | None = None
        for at, leaves, stated, event_id in sorted(moves):
            if not leaves:
                hiring = max(hiring or (stated, event_id, at), (stated, event_id, at))
            elif hiring is not None:
                found[manager].append((hiring[2], at))
                hiring = None
        if hiring is not None:
            found[manager].append((hiring[2], None))
    return found


def last_employment(events: list[Event]) -> dict[str, tuple[dt.date, dt.datetime | None]]:
    """Map managers to the day of their latest hiring, and the moment at which they left it."""
    hirings: dict[str, Event] = {}
    for event in of_type(events, "manager.hired"):
        known = hirings.setdefault(event["manager_id"], event)
        if (event["occurred_at"], event["id"]) > (known["occurred_at"], known["id"]):
            hirings[event["manager_id"]] = event
    found = {}
    for manager, hiring in hirings.items():
        day = dt.date.fromisoformat(hiring["data"]["hired_on"])
        leavings = [
            event["occurred_at"]
            for event in of_type(events, "manager.left")
            if event["manager_id"] == manager
            and event["occurred_at"] >= midnight(hiring["data"]["hired_on"])
        ]
        found[manager] = (day, max(leavings, default=None))
    return found


def within(intervals: list[Interval], moment: dt.datetime) -> bool:
    """Whether a moment lies in one of some half-open intervals."""
    return any(start <= moment and (end is None or moment < end) for start, end in intervals)


def customers_so_far(events: list[Event]) -> Callable[[str, dt.date], bool]:
    """Return a function that tells whether an account was a customer before a day."""
    first: dict[str, dt.date] = {}
    for contract in contracts(events):
        if contract.starts < contract.ends:
            known = first.get(contract.account, contract.starts)
            first[contract.account] = min(known, contract.starts)
    return lambda account, day: account in first and first[account] < day


def influence(contact: Contact, moment: dt.datetime) -> int:
    """Return the influence that was last stated before a moment, or the middle of the scale."""
    found = 5
    for step in contact.steps:
        if step["occurred_at"] < moment and step["data"].get("influence") is not None:
            found = step["data"]["influence"]
    return found


def tiers(events: list[Event]) -> dict[str, list[tuple[dt.datetime, str]]]:
    """Map accounts to the tiers that they were given, in time; closings are no part of it."""
    found: dict[str, list[tuple[dt.datetime, str]]] = defaultdict(list)
    for event in of_type(events, "account.opened", "account.changed"):
        tier = event["data"].get("tier")
        if tier is not None:
            found[event["record_id"]].append((event["occurred_at"], tier))
    return found


def months(
    book: Book, account: str, window: Window, cuts: list[dt.datetime]
) -> Iterator[tuple[dt.datetime, Fraction]]:
    """Yield the account-months of an account's cover in a window, cut at some moments.

    Each comes with the moment at which it starts. Positions are rounded as evidence rounds them.
    """
    for piece in window.pieces:
        day = piece.t0
        while day < piece.t1:
            if book.covered(account, day.date()):
                end = min(day + DAY, piece.t1)
                bounds = [day, *(cut for cut in sorted(cuts) if day < cut < end), end]
                for start, stop in pairwise(bounds):
                    yield start, _place(piece, stop) - _place(piece, start)
            day += DAY


def _place(piece: Any, moment: dt.datetime) -> Fraction:
    part = Decimal((moment - piece.t0) // INSTANT) / Decimal((piece.t1 - piece.t0) // INSTANT)
    return Fraction(rounded(piece.share * part))
