"""Contracts: what they are worth from when to when, whose customer that makes us, and who renews."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from benchmarks.fold.cells import Account, Event, Ledger, Organisation
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
        self.steps: list[tuple[datetime, datetime, int, tuple[int, ...]]] = []

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
        worth = _worth(contracts)
        for month in range(len(months)):
            _settle_month(spells, worth, ledger, month, months)
    return spells


def _contracts(
    events: list[Event], organisation: Organisation, months: Months
) -> dict[str, Contract]:
    terms: dict[str, Event] = {}
    renewals: dict[str, Event] = {}
    endings: dict[str, Event] = {}
    for event in sorted(events):
        contract_id = event.data["contract_id"]
        if event.kind in ("contract.signed", "contract.renewed"):
            terms[contract_id] = event
        if event.kind == "contract.renewed":
            renewals[contract_id] = event
        if event.kind == "contract.ended":
            endings[contract_id] = event
    contracts = {name: Contract(event, organisation, months) for name, event in terms.items()}
    for event in sorted(renewals.values()):
        if prior := contracts.get(event.data["prior_contract_id"]):
            prior.takes_over = (months.start(day_of(event.data["starts_on"])), event)
    for name, event in endings.items():
        if contract := contracts.get(name):
            contract.ending = (months.start(day_of(event.data["effective_on"])), event)
    for event in events:
        if event.kind == "contract.amended" and event.data["contract_id"] in contracts:
            _amend(contracts[event.data["contract_id"]], event, organisation, months)
    for contract in contracts.values():
        contract.close()
    return contracts


def _amend(contract: Contract, event: Event, organisation: Organisation, months: Months) -> None:
    since = max(contract.starts_at, months.start(day_of(event.data["effective_on"])))
    stated = millionths(event.data["annual_value_change"])
    change = organisation.worth(stated, contract.currency, event.at)
    contract.changes.append((since, 2, event.at, event.id, change, event.position))


def _settle_renewal(contract: Contract, contracts: dict[str, Contract], cell: object) -> None:
    renewed, ending = contract.takes_over, contract.ending
    if renewed is None and ending is not None and ending[1].data.get("reason") == "superseded":
        return
    events = {contract.event: None}
    if renewed:
        events[contracts[renewed[1].data["contract_id"]].event] = None
    elif contract.end_event:
        events[contract.end_event] = None
    clean = renewed is not None and not renewed[1].data.get("rebid", False)
    cell.add("contract_renewal_rate", MILLION * bool(renewed), MILLION, events)  # type: ignore[attr-defined]
    cell.add("contract_renewal_rate_no_rebid", MILLION * clean, MILLION, events)  # type: ignore[attr-defined]


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


def _worth(contracts: dict[str, Contract]) -> list[tuple[datetime, datetime, int, tuple[int, ...]]]:
    return [step for contract in contracts.values() for step in contract.steps]


def _settle_month(
    spells: list[Spell],
    worth: list[tuple[datetime, datetime, int, tuple[int, ...]]],
    ledger: Ledger,
    month: int,
    months: Months,
) -> None:
    t0, t1 = months.turns[month], months.turns[month + 1]
    spell = next((s for s in spells if s.starts_at <= t0 < s.ends_at), None)
    if spell is None:
        visits = [s for s in spells if t0 < s.starts_at and s.ends_at <= t1]
        if visits:
            cell = ledger.cell(visits[-1].ends_at - MICROSECOND, month=month)
            events = dict.fromkeys((visits[-1].start_event, visits[-1].end_event))
            cell.add("customers_won_and_lost", MILLION, MILLION, events)  # type: ignore[union-attr]
        return
    churned = spell.ends_at <= t1
    cell = _fate_cell(ledger, spell, month) if churned else ledger.end(month)
    events = [spell.start_event]
    if churned and spell.end_event != spell.start_event:
        events.append(spell.end_event)
    cell.add("customer_churn_rate", MILLION * churned, MILLION, events)
    final = [s for s in spells if s.starts_at <= t1][-1]
    lost = final.ends_at <= t1
    cell = _fate_cell(ledger, final, month) if lost else ledger.end(month)
    deciding = final.end_event if lost else final.start_event
    events = dict.fromkeys((spell.start_event, deciding))  # type: ignore[assignment]
    cell.add("retention_rate", MILLION * (not lost), MILLION, events)
    before, grounds = _worth_at(worth, t0)
    after, later = _worth_at(worth, t1)
    events = set(grounds or (spell.start_event,))  # type: ignore[assignment]
    if lost:
        events.add(final.end_event)  # type: ignore[attr-defined]
    elif later != grounds:
        events.update(later)  # type: ignore[attr-defined]
    cell.add("gross_revenue_retention", min(before, after), before, sorted(events))
    cell.add("net_revenue_retention", after, before, sorted(events))


def _fate_cell(ledger: Ledger, spell: Spell, month: int):  # type: ignore[no-untyped-def]
    return ledger.cell(spell.ends_at - MICROSECOND, month=month)


def _worth_at(
    steps: list[tuple[datetime, datetime, int, tuple[int, ...]]], moment: datetime
) -> tuple[int, tuple[int, ...]]:
    worth, events = 0, ()
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
            cell = ledger.cell(since, month=month)
            length, share = micros(t0, t1), months.shares[month]
            measured, whole = share, MILLION
            if (since, until) != (t0, t1):
                measured = _position(t0, until, share, length) - _position(t0, since, share, length)
                whole = _position(t0, until, MILLION, length) - _position(
                    t0, since, MILLION, length
                )
            cell.add("customer_interaction_time", 0, 60 * measured)  # type: ignore[union-attr]
            cell.add("revenue_per_account", 0, whole)  # type: ignore[union-attr]
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
