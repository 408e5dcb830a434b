"""Contracts: what they are worth, for how long they make an account a customer, who renews."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from benchmarks.fold.cells import Account, Cell, Event, Ledger, Organisation
from benchmarks.fold.moments import (
    FOREVER,
    MICROSECOND,
    MILLION,
    Months,
    day_of,
    micros,
    millionths,
    rounded,
)


class Spell(NamedTuple):
    """A time without a gap during which an account is a customer."""

    starts_at: datetime
    ends_at: datetime
    start_event: int
    end_event: int


Step: TypeAlias = tuple[datetime, datetime, int, tuple[int, ...]]
"""From when to when something is worth how much, and the events that say so."""


class Contract:
    """A contract as it came to be known."""

    def __init__(self, terms: Event, organisation: Organisation, months: Months) -> None:
        data = terms.data
        self.id: str = data["contract_id"]
        self.event = terms.position
        self.currency: str | None = data.get("currency")
        self.starts_at = months.start(day_of(data["starts_on"]))
        self.due_at = months.start(day_of(data["ends_on"]))
        stated = millionths(data["annual_value"])
        self.changes = [
            (
                self.starts_at,
                1,
                terms.at,
                "",
                organisation.worth(stated, self.currency, terms.at),
                0,
            )
        ]
        self.takes_over: tuple[datetime, Event] | None = None
        self.ending: tuple[datetime, Event] | None = None
        self.ends_at, self.end_event = self.due_at, self.event
        self.steps: list[Step] = []

    def close(self) -> None:
        """Settle when it ends, by which event, and what it is worth until then."""
        ends = [self.due_at, *(found[0] for found in (self.takes_over, self.ending) if found)]
        self.ends_at = max(self.starts_at, min(ends))
        if self.ending:
            self.end_event = self.ending[1].position
        if self.takes_over and self.takes_over[0] <= self.ends_at:
            self.end_event = self.takes_over[1].position
        if self.ending and self.ending[0] <= self.ends_at:
            self.end_event = self.ending[1].position
        worth, events = 0, [self.event]
        self.changes.sort()
        for (since, _, _, _, change, event), after in pairwise([*self.changes, None]):  # type: ignore[misc]
            worth += change
            events += [event] if event else []
            until = min(after[0], self.ends_at) if after else self.ends_at
            if since < until:
                self.steps.append((since, until, worth, tuple(events)))


def settle_contracts(
    account: Account, ledger: Ledger, organisation: Organisation, months: Months
) -> list[Spell]:
    """Count renewals, and what customers kept, gained and lost; return when it was a customer."""
    contracts = _contracts(account.contracts, organisation, months)
    for contract in contracts.values():
        cell = ledger.cell(contract.due_at - MICROSECOND)
        if cell is not None:
            _settle_renewal(contract, contracts, cell)
    spells = _spells(contracts)
    if spells:
        worth = [step for contract in contracts.values() for step in contract.steps]
        for month in range(len(months)):
            _settle_month(spells, worth, ledger, month, months)
    return spells


def _contracts(
    events: list[Event], organisation: Organisation, months: Months
) -> dict[str, Contract]:
    """Return contracts on their latest terms, each with its latest successor and ending."""
    latest: dict[tuple[str, str], Event] = {}
    terms: dict[str, Event] = {}
    events.sort()
    for event in events:
        latest[event.kind, event.data["contract_id"]] = event
        if event.kind in ("contract.signed", "contract.renewed"):
            terms[event.data["contract_id"]] = event
    contracts = {name: Contract(event, organisation, months) for name, event in terms.items()}
    for event in sorted(latest.values()):
        if event.kind == "contract.renewed":
            if prior := contracts.get(event.data["prior_contract_id"]):
                prior.takes_over = (months.start(day_of(event.data["starts_on"])), event)
        elif event.kind == "contract.ended" and event.data["contract_id"] in contracts:
            ended_at = months.start(day_of(event.data["effective_on"]))
            contracts[event.data["contract_id"]].ending = (ended_at, event)
    _amend(contracts, events, organisation, months)
    for contract in contracts.values():
        contract.close()
    return contracts


def _amend(
    contracts: dict[str, Contract],
    events: list[Event],
    organisation: Organisation,
    months: Months,
) -> None:
    for event in events:
        contract = contracts.get(event.data["contract_id"])
        if event.kind == "contract.amended" and contract is not None:
            since = max(contract.starts_at, months.start(day_of(event.data["effective_on"])))
            stated = millionths(event.data["annual_value_change"])
            change = organisation.worth(stated, contract.currency, event.at)
            contract.changes.append((since, 2, event.at, event.id, change, event.position))


def _settle_renewal(contract: Contract, contracts: dict[str, Contract], cell: Cell) -> None:
    renewed, ending = contract.takes_over, contract.ending
    if renewed is None and ending is not None and ending[1].data.get("reason") == "superseded":
        return
    events = {contract.event: None}
    if renewed:
        events[contracts[renewed[1].data["contract_id"]].event] = None
    elif contract.end_event:
        events[contract.end_event] = None
    clean = renewed is not None and not renewed[1].data.get("rebid", False)
    cell.add("contract_renewal_rate", MILLION * bool(renewed), MILLION, events)
    cell.add("contract_renewal_rate_no_rebid", MILLION * clean, MILLION, events)


def _spells(contracts: dict[str, Contract]) -> list[Spell]:
    """Return the times that contracts cover; one that starts where cover ends goes on with it."""
    spells: list[Spell] = []
    last = ("", FOREVER)
    covering = [c for c in contracts.values() if c.starts_at < c.ends_at]
    for contract in sorted(covering, key=lambda c: (c.starts_at, c.ends_at, c.id)):
        ends = (contract.ends_at, contract.id)
        if spells and spells[-1].ends_at >= contract.starts_at:
            if ends > last:
                spells[-1] = spells[-1]._replace(
                    ends_at=contract.ends_at, end_event=contract.end_event
                )
                last = ends
        else:
            spells.append(
                Spell(contract.starts_at, contract.ends_at, contract.event, contract.end_event)
            )
            last = ends
    return spells


def _settle_month(
    spells: list[Spell], worth: list[Step], ledger: Ledger, month: int, months: Months
) -> None:
    t0, t1 = months.turns[month], months.turns[month + 1]
    spell = next((s for s in spells if s.starts_at <= t0 < s.ends_at), None)
    if spell is None:
        visits = [s for s in spells if t0 < s.starts_at and s.ends_at <= t1]
        if visits:
            events = dict.fromkeys((visits[-1].start_event, visits[-1].end_event))
            cell = ledger.in_month(visits[-1].ends_at - MICROSECOND, month)
            cell.add("customers_won_and_lost", MILLION, MILLION, events)
        return
    _settle_churn(spell, ledger, month, t1)
    final = [s for s in spells if s.starts_at <= t1][-1]
    lost = final.ends_at <= t1
    cell = _fate_cell(ledger, final, month, lost=lost)
    kept = dict.fromkeys((spell.start_event, final.end_event if lost else final.start_event))
    cell.add("retention_rate", MILLION * (not lost), MILLION, kept)
    before, grounds = _worth_at(worth, t0)
    after, later = _worth_at(worth, t1)
    events = set(grounds or (spell.start_event,))
    if lost:
        events.add(final.end_event)
    elif later != grounds:
        events.update(later)
    cell.add("gross_revenue_retention", min(before, after), before, sorted(events))
    cell.add("net_revenue_retention", after, before, sorted(events))


def _settle_churn(spell: Spell, ledger: Ledger, month: int, end: datetime) -> None:
    lost = spell.ends_at <= end
    events = dict.fromkeys((spell.start_event, spell.end_event if lost else spell.start_event))
    cell = _fate_cell(ledger, spell, month, lost=lost)
    cell.add("customer_churn_rate", MILLION * lost, MILLION, events)


def _fate_cell(ledger: Ledger, spell: Spell, month: int, *, lost: bool) -> Cell:
    """Return where a customer counts: when it was lost, or at the month's end."""
    return ledger.in_month(spell.ends_at - MICROSECOND, month) if lost else ledger.end(month)


def _worth_at(steps: list[Step], moment: datetime) -> tuple[int, tuple[int, ...]]:
    worth = 0
    events: tuple[int, ...] = ()
    for since, until, value, grounds in steps:
        if since <= moment < until:
            worth += value
            events += grounds
    return worth, events


def active_at_ends(spells: list[Spell], months: Months) -> list[Spell | None]:
    """Return for each month the spell that its last instant falls into."""
    ends = months.turns[1:]
    return [next((s for s in spells if s.starts_at < end <= s.ends_at), None) for end in ends]


def settle_activity(
    account: Account,
    ledger: Ledger,
    organisation: Organisation,
    spells: list[Spell],
    months: Months,
) -> None:
    """Measure for how much of each month the account was a customer, owner by owner.

    A part is the difference of two rounded positions, so that parts add up to the whole.
    """
    for start, end in _stretches(account, organisation, spells):
        month = months.of(max(start, months.turns[0]))
        while month is not None and month < len(months) and months.turns[month] < end:
            t0, t1 = months.turns[month], months.turns[month + 1]
            since, until = max(start, t0), min(end, t1)
            cell = ledger.in_month(since, month)
            length, share = micros(t0, t1), months.shares[month]
            measured, whole = share, MILLION
            if (since, until) != (t0, t1):
                measured = _position(t0, until, share, length) - _position(t0, since, share, length)
                whole = _position(t0, until, MILLION, length) - _position(
                    t0, since, MILLION, length
                )
            cell.add("customer_interaction_time", 0, 60 * measured)  # type: ignore[union-attr]
            cell.add("revenue_per_account", 0, whole)
            month += 1


def _position(t0: datetime, moment: datetime, share: int, length: int) -> int:
    return rounded(rounded(share * micros(t0, moment), MILLION) * MILLION, length)


def _stretches(
    account: Account, organisation: Organisation, spells: list[Spell]
) -> list[tuple[datetime, datetime]]:
    """Return the times as a customer, cut wherever owner, team or segment may have changed."""
    cuts = {moment for spell in spells for moment in (spell.starts_at, spell.ends_at)}
    cuts.update(account.owners.starts, account.segments.starts)
    for manager in set(account.owners.values):
        cuts.update(organisation.teams[manager].starts)
    return [
        (start, end)
        for start, end in pairwise([*sorted(cuts), FOREVER])
        if any(s.starts_at <= start < s.ends_at for s in spells)
    ]
