"""The fold itself: events are gathered by account, then each account is settled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.fold.cells import Account, Cell, Event, Ledger, Organisation
from benchmarks.fold.contracts import active_at_ends, settle_activity, settle_contracts
from benchmarks.fold.dealings import (
    settle_answers,
    settle_deals,
    settle_issues,
    settle_revenue,
    settle_scores,
)
from benchmarks.fold.moments import Months, day_of, millionths
from benchmarks.fold.touches import settle_touches, settle_waits
from benchmarks.fold.values import pooled, rows, store

GATHERED = {
    "account.opened": "lives",
    "account.changed": "lives",
    "account.closed": "lives",
    "account.merged": "lives",
    "account.owner_assigned": "lives",
    "contact.added": "contacts",
    "contact.changed": "contacts",
    "contact.left": "contacts",
    "deal.opened": "deals",
    "deal.closed": "deals",
    "revenue.recognized": "revenue",
    "contract.signed": "contracts",
    "contract.renewed": "contracts",
    "contract.amended": "contracts",
    "contract.ended": "contracts",
    "issue.opened": "issues",
    "issue.resolved": "issues",
    "issue.reopened": "issues",
    "survey.responded": "answers",
    "key_account.scored": "scores",
}
"""What is kept for an account until it is settled, by the list that it is kept in."""


class Fold:
    """Values of the foundation's KPIs, by account, manager, team, segment and organisation.

    Args:
        zone: The organisation's, in which months begin and end.
        cut: Where the last month is cut.
        currency: What money is reported in.
    """

    def __init__(self, zone: ZoneInfo, cut: datetime, currency: str) -> None:
        self.zone = zone
        self.cut = cut
        self.organisation = Organisation(currency)
        self.accounts: dict[str | None, Account] = {}
        self._first: datetime | None = None
        self._people: list[Event] = []

    def take(
        self,
        kind: str,
        name: str | None,
        manager: str | None,
        at: datetime,
        identity: str,
        position: int,
        data: dict[str, Any],
    ) -> None:
        """Gather one event; events may come in any order."""
        if self._first is None or at < self._first:
            self._first = at
        if kind == "touch.logged":
            self._account(name).touches.append((at, identity, position, manager, data))
        elif (kept := GATHERED.get(kind)) is not None:
            event = Event(at, identity, position, kind, manager, data)
            getattr(self._account(name), kept).append(event)
        elif kind == "fx.rate_set":
            if data["to_currency"] == self.organisation.currency:
                self.organisation.rates[data["from_currency"]].put(at, millionths(data["rate"]))
        elif kind.startswith("manager."):
            self._people.append(Event(at, identity, position, kind, manager, data))

    def finish(self, path: Path) -> None:
        """Settle every account; store values and evidence in a new SQLite file."""
        months = Months(self.zone, self._first or self.cut, self.cut)
        self._merge_accounts()
        self._place_people(months)
        self._place_deals()
        for account in self.accounts.values():
            account.settle_lives()
        cells = [c for account in self.accounts.values() for c in self._settle(account, months)]
        store(path, rows(pooled(cells, months), months), cells, months)

    def _account(self, name: str | None) -> Account:
        found = self.accounts.get(name)
        if found is None:
            found = self.accounts[name] = Account(name)
        return found

    def _merge_accounts(self) -> None:
        """Bring what was told of merged accounts to the one that they became part of."""
        into: dict[str, str] = {}
        merges = [(e, a.name) for a in self.accounts.values() for e in a.lives]
        for event, name in sorted(merges):
            if event.kind == "account.merged" and name is not None:
                into[name] = event.data["into_account_id"]
        for name in into:
            chain = [name]
            while (following := into.get(chain[-1])) and following not in chain:
                chain.append(following)
            if following is None:
                self._account(chain[-1]).absorb(self.accounts[name])

    def _place_people(self, months: Months) -> None:
        """Tell who was in which team; at one instant a hiring comes first and a leaving last."""
        moves = []
        for event in self._people:
            match event.kind:
                case "manager.hired" if event.data.get("team") is not None:
                    hired_at = months.start(day_of(event.data["hired_on"]))
                    moves.append((hired_at, 1, event.id, event.manager, event.data["team"]))
                case "manager.team_assigned":
                    moves.append((event.at, 2, event.id, event.manager, event.data["team"]))
                case "manager.left":
                    moves.append((event.at, 3, event.id, event.manager, None))
        for at, _, _, manager, team in sorted(moves, key=lambda move: move[:3]):
            self.organisation.teams[manager].put(at, team)

    def _place_deals(self) -> None:
        """Bring steps of a deal that name no account to the account that others name."""
        homeless = self.accounts.get(None)
        if homeless is None or not homeless.deals:
            return
        names = [name for name in self.accounts if name is not None]
        homes = {e.data["deal_id"]: n for n in sorted(names) for e in self.accounts[n].deals}
        steps, homeless.deals = homeless.deals, []
        for step in steps:
            self._account(homes.get(step.data["deal_id"])).deals.append(step)

    def _settle(self, account: Account, months: Months) -> Iterable[Cell]:
        ledger = Ledger(account, self.organisation, months)
        if account.name is None:
            account.touches = []
        talks = settle_touches(account, ledger)
        settle_deals(account, ledger, talks)
        settle_answers(account, ledger)
        if account.name is not None:
            spells = settle_contracts(account, ledger, self.organisation, months)
            settle_activity(account, ledger, self.organisation, spells, months)
            settle_waits(account, ledger, talks, active_at_ends(spells, months), months)
            settle_issues(account, ledger)
            settle_scores(account, ledger, months)
        settle_revenue(account, ledger, self.organisation, months)
        return ledger.cells.values()
