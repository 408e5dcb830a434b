"""Where evidence is added up: a month of an account under one owner, and who that was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from benchmarks.fold.moments import MICROSECOND, History, Months, rounded

Touch: TypeAlias = tuple[datetime, str, int, str | None, dict[str, Any]]
"""Most of the log, and so a bare tuple: when, id, position, manager, data."""


class Event(NamedTuple):
    """An event that an account is settled by; those of an account sort by when they occurred."""

    at: datetime
    id: str
    position: int
    kind: str
    manager: str | None
    data: dict[str, Any]


class Tally:
    """What a KPI's rows come to in one cell, in millionths, and the events that they rest on."""

    __slots__ = ("count", "denominator", "events", "numerator", "samples")

    def __init__(self) -> None:
        self.numerator = self.denominator = self.count = 0
        self.events: list[int] = []
        self.samples: list[int] = []


class Cell:
    """A month of an account under one manager, team and segment."""

    __slots__ = ("account", "manager", "month", "segment", "tallies", "team")

    def __init__(
        self,
        month: int,
        account: str | None,
        manager: str | None,
        team: str | None,
        segment: str | None,
    ) -> None:
        self.month = month
        self.account = account
        self.manager = manager
        self.team = team
        self.segment = segment
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)

    def add(self, kpi: str, numerator: int, denominator: int, events: Iterable[int] = ()) -> None:
        """Add a row of evidence."""
        tally = self.tallies[kpi]
        tally.numerator += numerator
        tally.denominator += denominator
        if events:
            tally.count += 1
            tally.events += events


class Organisation:
    """Who was in which team, and what currencies were worth."""

    def __init__(self, currency: str) -> None:
        self.currency = currency
        self.teams: defaultdict[str | None, History[str | None]] = defaultdict(History)
        self.rates: defaultdict[str, History[int]] = defaultdict(History)

    def worth(self, amount: int, currency: str | None, at: datetime) -> int:
        """Return an amount in the reporting currency.

        Raises:
            LookupError: There is no rate.
        """
        if currency is None or currency == self.currency:
            return amount
        rate = self.rates[currency].at(at)
        if rate is None:
            raise LookupError(f"no rate for {currency} on {at}")
        return rounded(amount * rate, 10**6)


FOLLOWING = (
    "touches", "contacts", "deals", "revenue", "contracts", "issues", "answers", "scores",
)  # fmt: skip
"""What follows an account into another one; its own opening and its owners stay behind."""


class Account:
    """All that was told of an account, by what it is needed for."""

    def __init__(self, name: str | None) -> None:
        self.name = name
        self.owners: History[str | None] = History()
        self.segments: History[str | None] = History()
        self.first_assignment = 0
        self.lives: list[Event] = []
        self.touches: list[Touch] = []
        self.contacts: list[Event] = []
        self.deals: list[Event] = []
        self.revenue: list[Event] = []
        self.contracts: list[Event] = []
        self.issues: list[Event] = []
        self.answers: list[Event] = []
        self.scores: list[Event] = []

    def absorb(self, other: Account) -> None:
        """Take over what was told of an account that became part of this one."""
        for kept in FOLLOWING:
            getattr(self, kept).extend(getattr(other, kept))
            getattr(other, kept).clear()

    def settle_lives(self) -> None:
        """Tell who owned it and which segment it was in; who opens it owns it at first."""
        lives = sorted(self.lives)
        assigned = [e for e in lives if e.kind == "account.owner_assigned"]
        assigned = [e for e in assigned if e.data.get("role", "owner") == "owner"]
        openings = []
        is_open, segment = False, None
        for event in lives:
            if event.kind in ("account.closed", "account.merged"):
                is_open = False
            opens = event.kind == "account.opened" and not is_open
            if opens:
                is_open = True
                if event.manager and not (assigned and assigned[0].at <= event.at):
                    openings.append(event)
            if opens or event.kind == "account.changed":
                segment = event.data.get("segment") or segment
                self.segments.put(event.at, segment)
        takeovers = sorted([*assigned, *openings])
        for event in takeovers:
            self.owners.put(event.at, event.manager)
        if takeovers:
            first = [e for e in takeovers if e.at == takeovers[0].at][-1]
            self.first_assignment = first.position


class Ledger:
    """The cells of one account, found by moment."""

    def __init__(self, account: Account, organisation: Organisation, months: Months) -> None:
        self.account = account
        self.teams = organisation.teams
        self.months = months
        self.cells: dict[tuple[int, str | None, str | None, str | None], Cell] = {}
        self._ends: list[Cell | None] = [None] * len(months)

    def cell(self, at: datetime, manager: str | None = None) -> Cell | None:
        """Return the cell for a moment; None where no month holds it.

        Args:
            at: The moment, which decides who answered for the account.
            manager: Who it was, where an event says so.
        """
        month = self.months.of(at)
        return None if month is None else self.in_month(at, month, manager)

    def in_month(self, at: datetime, month: int, manager: str | None = None) -> Cell:
        """Return the cell for a moment that counts in a certain month."""
        manager = manager or self.account.owners.at(at)
        team, segment = self.teams[manager].at(at), self.account.segments.at(at)
        key = (month, manager, team, segment)
        found = self.cells.get(key)
        if found is None:
            found = self.cells[key] = Cell(month, self.account.name, manager, team, segment)
        return found

    def until(self, cell: Cell, at: datetime) -> datetime:
        """Return how long the owner's cell of a moment stays the right one."""
        return min(
            self.months.turns[cell.month + 1],
            self.account.owners.until(at),
            self.account.segments.until(at),
            self.teams[cell.manager].until(at),
        )

    def end(self, month: int) -> Cell:
        """Return the cell of a month's last instant."""
        cell = self._ends[month]
        if cell is None:
            cell = self.in_month(self.months.turns[month + 1] - MICROSECOND, month)
            self._ends[month] = cell
        return cell
