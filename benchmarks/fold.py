"""A lean fold in plain Python: what the KPIs need, for every account and month.

It keeps sums, counts and sets while events pass, and settles at the end what only the end can tell
(which resolution was the last, what a contract was worth at the turn of each month). It is meant
to be quick and fair, not to replace the engine: months are UTC months, and late events, windows
other than months, roll-ups, definitions and explanations are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeAlias

Data: TypeAlias = Mapping[str, Any]
Handler: TypeAlias = Callable[["Cell", str, datetime, Data], None]
Key: TypeAlias = tuple[str, int]

ZERO = Decimal(0)
TWO_WAY = frozenset({"call", "video", "meeting"})
CLOSING = TWO_WAY | {"email"}
CONTACTS_OVER_MONTHS = 6
PROMOTES, PASSIVE, CONTENT = 9, 7, 4


class Cell:
    """One account's month."""

    def __init__(self) -> None:
        self.last_touch: datetime | None = None
        self.gap_days: float | None = None
        self.minutes = 0
        self.inbound = self.outbound = 0
        self.contacts: set[str] = set()
        self.contacts_lately = 0
        self.opened = self.cohort_won = self.won = self.lost = 0
        self.touches_to_closure = 0
        self.days_to_close: list[float] = []
        self.revenue = ZERO
        self.answers: dict[tuple[str, str], int] = {}
        self.nps: Decimal | None = None
        self.csat: Decimal | None = None
        self.hours_to_resolve: list[float] = []
        self.scores: dict[str, int | None] = {}
        self.account_score: Decimal | None = None
        self.value_before = self.value_after = self.value_kept = ZERO
        self.due_to_renew = self.renewed = self.renewed_without_rebid = 0

    @property
    def lost_customer(self) -> bool:
        """Whether it was a customer when the month began and none when it ended."""
        return self.value_before > 0 and self.value_after == 0


class Contract:
    """A contract: what it covers and what it is worth from which day on."""

    def __init__(self, data: Data) -> None:
        self.starts_on = date.fromisoformat(data["starts_on"])
        self.due_on = self.ends_on = date.fromisoformat(data["ends_on"])
        self.values = [(self.starts_on, Decimal(data["annual_value"]))]
        self.followed_by: Data | None = None

    def value_on(self, day: date) -> Decimal:
        """Return what it is worth on a day; nothing on a day that it doesn't cover."""
        if not self.starts_on <= day < self.ends_on:
            return ZERO
        return sum((value for since, value in self.values if since <= day), ZERO)


class Fold:
    """All accounts' months, filled by `take` and completed by `finish`."""

    def __init__(self) -> None:
        self.cells: defaultdict[Key, Cell] = defaultdict(Cell)
        self._threads: set[tuple[str, str]] = set()
        self._deals: dict[str, tuple[Cell, datetime]] = {}
        self._deal_touches: defaultdict[str, int] = defaultdict(int)
        self._issues: dict[str, list[datetime]] = {}
        self._contracts: defaultdict[str, dict[str, Contract]] = defaultdict(dict)
        self._rates: dict[str, Decimal] = {}
        self._handlers: dict[str, Handler] = {
            "touch.logged": self._touch,
            "deal.opened": self._deal_opened,
            "deal.closed": self._deal_closed,
            "revenue.recognized": self._revenue,
            "survey.responded": self._answer,
            "issue.opened": self._issue,
            "issue.resolved": self._issue,
            "key_account.scored": self._score,
            "contract.signed": self._signed,
            "contract.renewed": self._renewed,
            "contract.amended": self._amended,
            "contract.ended": self._ended,
        }

    def take(self, kind: str, account: str | None, at: datetime, data: Data) -> None:
        """Fold one event; events come in the order in which they occurred."""
        handler = self._handlers.get(kind)
        if handler and account:
            handler(self.cells[account, at.year * 12 + at.month - 1], account, at, data)
        elif kind == "fx.rate_set":
            self._rates[data["from_currency"]] = Decimal(data["rate"])

    def _touch(self, cell: Cell, account: str, at: datetime, data: Data) -> None:
        if data.get("status", "completed") != "completed":
            return
        cell.last_touch = at
        cell.minutes += data.get("minutes", 0)
        thread = data.get("thread_id")
        if thread is None or (account, thread) not in self._threads:
            if thread is not None:
                self._threads.add((account, thread))
            if data.get("direction") == "inbound":
                cell.inbound += 1
            else:
                cell.outbound += 1
        if data["channel"] in TWO_WAY or data.get("direction") == "inbound":
            cell.contacts.update(data.get("contact_ids", ()))
        if "deal_id" in data and data["channel"] in CLOSING:
            self._deal_touches[data["deal_id"]] += 1

    def _deal_opened(self, cell: Cell, _account: str, at: datetime, data: Data) -> None:
        cell.opened += 1
        self._deals[data["deal_id"]] = (cell, at)

    def _deal_closed(self, cell: Cell, _account: str, at: datetime, data: Data) -> None:
        if data["outcome"] == "lost":
            cell.lost += 1
            return
        cell.won += 1
        cohort, opened_at = self._deals[data["deal_id"]]
        cohort.cohort_won += 1
        cell.days_to_close.append((at - opened_at).total_seconds() / 86_400)
        cell.touches_to_closure += self._deal_touches.pop(data["deal_id"], 0)

    def _revenue(self, cell: Cell, _account: str, _at: datetime, data: Data) -> None:
        amount = Decimal(data["amount"])
        if currency := data.get("currency"):
            amount *= self._rates[currency]
        cell.revenue += amount

    def _answer(self, cell: Cell, _account: str, _at: datetime, data: Data) -> None:
        cell.answers[data["kind"], data.get("contact_id", "")] = data["score"]

    def _issue(self, _cell: Cell, account: str, at: datetime, data: Data) -> None:
        self._issues.setdefault(f"{account}\x1f{data['issue_id']}", []).append(at)

    def _score(self, cell: Cell, _account: str, _at: datetime, data: Data) -> None:
        cell.scores[data["criterion"]] = data["score"]

    def _signed(self, _cell: Cell, account: str, _at: datetime, data: Data) -> None:
        self._contracts[account][data["contract_id"]] = Contract(data)

    def _renewed(self, cell: Cell, account: str, at: datetime, data: Data) -> None:
        self._signed(cell, account, at, data)
        prior = self._contracts[account][data["prior_contract_id"]]
        prior.followed_by = data
        prior.ends_on = min(prior.ends_on, date.fromisoformat(data["starts_on"]))

    def _amended(self, _cell: Cell, account: str, _at: datetime, data: Data) -> None:
        contract = self._contracts[account][data["contract_id"]]
        since = date.fromisoformat(data["effective_on"])
        contract.values.append((since, Decimal(data["annual_value_change"])))

    def _ended(self, _cell: Cell, account: str, _at: datetime, data: Data) -> None:
        contract = self._contracts[account][data["contract_id"]]
        contract.ends_on = min(contract.ends_on, date.fromisoformat(data["effective_on"]))

    def finish(self) -> None:
        """Settle what only the end can tell."""
        first = min(month for _, month in self.cells)
        last = max(month for _, month in self.cells)
        self._settle_issues()
        for account in sorted({account for account, _ in self.cells}):
            months = range(first, last + 1)
            self._settle_contracts(account, months)
            self._carry(account, months)

    def _settle_issues(self) -> None:
        for key, instants in self._issues.items():
            if len(instants) > 1:
                resolved_at, account = instants[-1], key.partition("\x1f")[0]
                hours = (resolved_at - instants[0]).total_seconds() / 3_600
                cell = self.cells[account, resolved_at.year * 12 + resolved_at.month - 1]
                cell.hours_to_resolve.append(hours)

    def _settle_contracts(self, account: str, months: range) -> None:
        contracts = self._contracts[account].values()
        turns = [date(m // 12, m % 12 + 1, 1) for m in (*months, months.stop)]
        values = [sum((c.value_on(day) for c in contracts), ZERO) for day in turns]
        for month, (before, after) in zip(months, pairwise(values), strict=True):
            cell = self.cells[account, month]
            cell.value_before, cell.value_after = before, after
            cell.value_kept = min(before, after)
        for contract in contracts:
            month = contract.due_on.year * 12 + contract.due_on.month - 1
            if month in months:
                cell = self.cells[account, month]
                cell.due_to_renew += 1
                cell.renewed += contract.followed_by is not None
                without = contract.followed_by and not contract.followed_by.get("rebid", False)
                cell.renewed_without_rebid += bool(without)

    def _carry(self, account: str, months: range) -> None:
        """Carry the last touch, the contacts and the scores from month to month."""
        touched: datetime | None = None
        scores: dict[str, int | None] = {}
        recent: list[set[str]] = []
        for month in months:
            cell = self.cells[account, month]
            touched = cell.last_touch or touched
            if touched:
                end = datetime((month + 1) // 12, (month + 1) % 12 + 1, 1, tzinfo=touched.tzinfo)
                cell.gap_days = (end - touched).total_seconds() / 86_400
            recent = [*recent[1 - CONTACTS_OVER_MONTHS :], cell.contacts]
            cell.contacts_lately = len(set().union(*recent))
            scores |= cell.scores
            applicable = [score for score in scores.values() if score is not None]
            if applicable:
                cell.account_score = Decimal(sum(applicable)) / len(applicable)
            _rate(cell)


def _rate(cell: Cell) -> None:
    nps = [score for (kind, _), score in cell.answers.items() if kind == "nps"]
    csat = [score for (kind, _), score in cell.answers.items() if kind == "csat"]
    if nps:
        promoters = sum(score >= PROMOTES for score in nps)
        detractors = sum(score < PASSIVE for score in nps)
        cell.nps = Decimal(100 * (promoters - detractors)) / len(nps)
    if csat:
        cell.csat = Decimal(sum(score >= CONTENT for score in csat)) / len(csat)
