"""Who is scored, with what the log knew of them when a period ended.

An account has the attributes that it had then, and the manager who owned it; a manager the team
and the tenure that they had. Rules look at these.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from kamengine.config.changes import Override
from kamengine.config.model import Config, ScorecardSettings
from kamengine.config.rules import Subject
from kamengine.config.section import Carrier
from kamengine.kpi import SubjectType
from kamengine.months import months_completed
from kamengine.periods import Window
from kamengine.replay.reading import Reader

INSTANT = dt.timedelta(microseconds=1)

OWNED = """
SELECT account_id, manager_id
FROM {{table}}
WHERE valid_from <= {at} AND (valid_to IS NULL OR valid_to > {at})
"""
EMPLOYED = """
SELECT manager_id, hired_on, left_at IS NOT NULL AND left_at <= {at} AS gone
FROM {{table}}
WHERE hired_at <= {at}
"""
TEAMED = """
SELECT manager_id, team
FROM {{table}}
WHERE valid_from <= {at} AND (valid_to IS NULL OR valid_to > {at})
"""
QUERIES = {"ownership": OWNED, "managers": EMPLOYED, "team_membership": TEAMED}
"""For each projection that tells people apart, what is asked of it."""


class Directory:
    """Everybody whom rules can tell apart, as they were in the last instant of a window.

    Args:
        reader: Reads what was replayed.
        config: Its rules say how much has to be looked up.
        window: The period.
        whole: Look up managers even where no rule tells them apart.
    """

    def __init__(
        self, reader: Reader, config: Config, window: Window, *, whole: bool = False
    ) -> None:
        self._reader, self._window = reader, window
        self._joins = whole or looks_at_managers(config, "account")
        self._knows = self._joins or looks_at_managers(config, "manager")
        self._last = window.t1 - INSTANT
        self._accounts: dict[str, dict[str, str]] | None = None
        self._managers: dict[str, dict[str, str]] | None = None

    def subject(self, grain: SubjectType, subject: str) -> Subject:
        """Return a subject with what is known of them; what isn't known is left out."""
        known: Mapping[str, str] = {}
        if grain == "account":
            known = self.accounts.get(subject, {})
        elif grain == "manager":
            known = self.managers.get(subject, {})
        return Subject(id=subject, type=cast("Carrier", grain), attributes=known)

    def everybody(self) -> list[Subject]:
        """Return all accounts, managers and teams that there were, and the organisation."""
        teams = sorted({known["team"] for known in self.managers.values() if "team" in known})
        grains: list[tuple[SubjectType, Iterable[str]]] = [
            ("account", sorted(self.accounts)),
            ("manager", sorted(self.managers)),
            ("team", teams),
            ("organisation", ["organisation"]),
        ]
        return [self.subject(grain, name) for grain, names in grains for name in names]

    @property
    def accounts(self) -> dict[str, dict[str, str]]:
        """What is known of each account."""
        if self._accounts is None:
            found = self._reader.all_attributes(self._last)
            self._accounts = {
                account: {name: value for name, value in known.items() if value is not None}
                for account, known in found.items()
            }
            if self._joins:
                self._join_managers(self._accounts)
        return self._accounts

    @property
    def managers(self) -> dict[str, dict[str, str]]:
        """What is known of each manager who was here."""
        if self._managers is None:
            self._managers = self._look_up_managers() if self._knows else {}
        return self._managers

    def _join_managers(self, accounts: dict[str, dict[str, str]]) -> None:
        """Give each account its owner, and the owner's team and tenure."""
        for account, owner in self._rows("ownership"):
            known = accounts.setdefault(str(account), {})
            known["manager"] = str(owner)
            known.update(self.managers.get(str(owner), {}))

    def _look_up_managers(self) -> dict[str, dict[str, str]]:
        day = self._window.end - dt.timedelta(days=1)
        found: dict[str, dict[str, str]] = {}
        for manager, hired_on, gone in self._rows("managers"):
            if not gone and isinstance(hired_on, dt.date) and hired_on <= day:
                found[str(manager)] = {"tenure": str(months_completed(hired_on, day))}
        for manager, team in self._rows("team_membership"):
            found.setdefault(str(manager), {})["team"] = str(team)
        return found

    def _rows(self, projection: str) -> list[Sequence[object]]:
        """Return what a projection says of the last instant."""
        at = f"TIMESTAMP '{self._last.replace(tzinfo=None).isoformat(sep=' ')}'"
        return self._reader.kept({projection: QUERIES[projection].format(at=at)})[projection]


def looks_at_managers(config: Config, carrier: Carrier) -> bool:
    """Tell whether any rule tells subjects of a kind apart by the manager who answers for them.

    A manager's own name needs no looking up, nor does a team's.
    """
    entries: tuple[ScorecardSettings | Override, ...] = (
        *config.scorecards.values(),
        *config.overrides.values(),
    )
    rules = [entry.applies_to for entry in entries if carrier in entry.carriers]
    known = any(rule.team or rule.tenure for rule in rules)
    if carrier != "account":
        return known and carrier == "manager"
    named = any("account" in entry.carriers for entry in config.managers.values())
    return known or named or any(rule.managers for rule in rules)
