"""Touches: time, exchanges, and how long an account or a contact waits for the next one."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TypeAlias

from benchmarks.fold.cells import Account, Cell, Event, Ledger, Touch
from benchmarks.fold.contracts import Spell
from benchmarks.fold.moments import FOREVER, MILLION, Months, micros

TWO_WAY = frozenset({"call", "video", "meeting"})
CLOSING = TWO_WAY | {"email"}
KEY_ROLES = frozenset({"exec_sponsor", "decision_maker", "champion"})
DAY, RECENT = 86_400, 180
LONG_AGO = datetime.min.replace(tzinfo=FOREVER.tzinfo)

Last: TypeAlias = list[tuple[int, datetime, int]]
"""The last touch of each month that has one: the month, when it was, and its position."""


class Known:
    """A contact, from when to when it was on file, and in which role."""

    def __init__(self) -> None:
        self.spans: list[tuple[datetime, datetime, str | None, int]] = []

    def on_file(self, end: datetime) -> tuple[str | None, int] | None:
        """Return the role at the last instant before a moment, and the event that states it."""
        for since, until, role, event in self.spans:
            if since < end <= until:
                return role, event
        return None


class Talks:
    """What an account's touches leave for later: who was last spoken to, and about which deal."""

    def __init__(self) -> None:
        self.completed: Last = []
        self.with_contact: defaultdict[str, Last] = defaultdict(list)
        self.two_way: defaultdict[str, Last] = defaultdict(list)
        self.of_deal: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)

    def note(self, month: int, touch: Touch) -> None:
        """Note a completed touch, later than those before."""
        at, _, position, _, data = touch
        _note(self.completed, month, at, position)
        if contacts := data.get("contact_ids"):
            inbound = data.get("direction") == "inbound"
            both = inbound or data["channel"] in TWO_WAY or "replied_at" in data
            for contact in contacts:
                _note(self.with_contact[contact], month, at, position)
                if both:
                    _note(self.two_way[contact], month, at, position)


def settle_touches(account: Account, ledger: Ledger) -> Talks:
    """Add up time and exchanges, and note who was last spoken to in each month."""
    talks, threads = Talks(), set()
    until, cell = LONG_AGO, None
    for touch in _latest(account.touches):
        at, _, position, _, data = touch
        if data.get("status", "completed") != "completed":
            continue
        if data["channel"] in CLOSING and "deal_id" in data:
            talks.of_deal[data["deal_id"]].append((at, position))
        thread = data.get("thread_id")
        begins = thread is None or thread not in threads
        threads.add(thread)
        if at >= until:  # nearly all touches fall into the cell of the one before
            cell = ledger.cell(at)
            until = ledger.until(cell, at) if cell else LONG_AGO
        if cell is not None:
            _add(touch, cell, ledger, begins=begins)
            talks.note(cell.month, touch)
    return talks


def _add(touch: Touch, cell: Cell, ledger: Ledger, *, begins: bool) -> None:
    at, _, position, manager, data = touch
    if (minutes := data.get("minutes")) is not None:
        cell.add("customer_interaction_time", minutes * MILLION, 0, (position,))
    if begins and (direction := data.get("direction")) is not None:
        if manager is not None and manager != cell.manager:
            cell = ledger.in_month(at, cell.month, manager)
        inbound = MILLION if direction == "inbound" else 0
        cell.add("inbound_interaction_share", inbound, MILLION, (position,))


def _latest(touches: list[Touch]) -> list[Touch]:
    """Return touches by when they occurred; one that was stated again counts once, as it is now."""
    touches.sort()
    if any("touch_id" in touch[4] for touch in touches):
        latest = {touch[4].get("touch_id", touch[1]): touch for touch in touches}
        return sorted(
            latest.values(), key=lambda touch: (touch[0], touch[4].get("touch_id", touch[1]))
        )
    return touches


def _by_touch_id(touch: Touch) -> tuple[datetime, str]:
    return touch[0], touch[4].get("touch_id", touch[1])


def _note(last: Last, month: int, at: datetime, position: int) -> None:
    if last and last[-1][0] == month:
        last[-1] = (month, at, position)
    else:
        last.append((month, at, position))


def known_contacts(statements: list[Event]) -> dict[str, Known]:
    """Return an account's contacts, from what was said of them."""
    known: defaultdict[str, Known] = defaultdict(Known)
    standing: dict[str, tuple[datetime, str | None, int]] = {}
    roles: dict[str, str | None] = {}
    present: dict[str, bool] = {}
    for event in sorted(statements):
        contact = event.data["contact_id"]
        if contact in standing:
            since, role, position = standing.pop(contact)
            if since < event.at:
                known[contact].spans.append((since, event.at, role, position))
        if event.kind != "contact.changed":
            present[contact] = event.kind == "contact.added"
        roles[contact] = event.data.get("role") or roles.get(contact)
        if present.get(contact):
            standing[contact] = (event.at, roles[contact], event.position)
    for contact, (since, role, position) in standing.items():
        known[contact].spans.append((since, FOREVER, role, position))
    return known


def settle_waits(
    account: Account, ledger: Ledger, talks: Talks, active: list[Spell | None], months: Months
) -> None:
    """Measure at each month's end how long an account and its key contacts have waited."""
    contacts = known_contacts(account.contacts)
    owned = account.owners.starts[0] if account.owners.starts else None
    touched = _carried(talks.completed, len(months))
    held = {c: _carried(talks.with_contact.get(c, []), len(months)) for c in contacts}
    for month, spell in enumerate(active):
        if spell is None:
            continue
        end, cell = months.turns[month + 1], ledger.end(month)
        since = touched[month]
        if since is None and owned is not None and owned < end:
            since = (owned, account.first_assignment)
        at, event = since or (spell.starts_at, spell.start_event)
        cell.add("contact_gap_days", micros(at, end), DAY * MILLION, (event,))
        waits = []
        for contact, known in contacts.items():
            found = known.on_file(end)
            if found is None or found[0] not in KEY_ROLES:
                continue
            since = held[contact][month]
            if since is None:
                first = known.spans[0][0]
                since = (max(first, owned) if owned and owned < end else first, found[1])
            waits.append((since[0], contact, since[1]))
        if waits:
            at, _, event = min(waits)
            cell.add("key_contact_gap_days", micros(at, end), DAY * MILLION, (event,))
    _settle_recent(ledger, talks, contacts, months)


def _settle_recent(
    ledger: Ledger, talks: Talks, contacts: dict[str, Known], months: Months
) -> None:
    """Count at each month's end the contacts on file who were spoken with lately."""
    earliest = months.days_before_ends(RECENT)
    for contact, last in talks.two_way.items():
        known = contacts.get(contact)
        if known is None:
            continue
        for month, found in enumerate(_carried(last, len(months))):
            if found is None or found[0] < earliest[month]:
                continue
            if known.on_file(months.turns[month + 1]) is not None:
                ledger.end(month).add("number_of_contacts", MILLION, MILLION, (found[1],))


def _carried(last: Last, months: int) -> list[tuple[datetime, int] | None]:
    """Return for each month the last touch up to its end."""
    carried: list[tuple[datetime, int] | None] = []
    found = None
    for month, at, position in last:
        carried += [found] * (month - len(carried))
        found = (at, position)
    carried += [found] * (months - len(carried))
    return carried
