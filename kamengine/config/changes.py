"""What is different for some: additions, removals and changes, on top of a scorecard."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, TypeAlias

import msgspec

from kamengine.config.applies import AppliesTo
from kamengine.config.levels import Entry, GoalSettings, Weighting
from kamengine.config.section import Audience, Carrier, Held, KPIId, Section, Text


class Addition(Entry, frozen=True, kw_only=True):
    """A KPI on top of those of the scorecard.

    Attributes:
        reason: Why, for whoever is measured by it.
        author: Who decided so; the author of the whole entry where it is left out.
        since: ``from``: the first day on which it holds.
        until: The first day on which it holds no more; that of the whole entry where left out.
    """

    shorthand: ClassVar[str | None] = None

    reason: Text
    author: Text | None = None
    since: dt.date | None = msgspec.field(name="from", default=None)
    until: dt.date | None = None


class Removal(Section, frozen=True, kw_only=True):
    """A KPI of the scorecard to do without. ``nps: the reason`` is short for it.

    Attributes:
        reason: Why, for whoever is measured without it.
        author: Who decided so; the author of the whole entry where it is left out.
        since: ``from``: the first day on which it holds.
        until: The first day on which it holds no more; that of the whole entry where left out.
    """

    shorthand: ClassVar[str] = "reason"

    reason: Text
    author: Text | None = None
    since: dt.date | None = msgspec.field(name="from", default=None)
    until: dt.date | None = None


class Change(GoalSettings, frozen=True, kw_only=True):
    """Another weight, goal or minimum for a KPI that is on the scorecard.

    Attributes:
        reason: Why, for whoever is measured by it.
        weight: Another weight.
        author: Who decided so; the author of the whole entry where it is left out.
        since: ``from``: the first day on which it holds.
        until: The first day on which it holds no more; that of the whole entry where left out.
    """

    reason: Text
    weight: tuple[Weighting, ...] = ()
    author: Text | None = None
    since: dt.date | None = msgspec.field(name="from", default=None)
    until: dt.date | None = None


AnyChange: TypeAlias = Addition | Removal | Change


class Changes(Held, frozen=True, kw_only=True):
    """What is different on top of a scorecard. Each difference has a reason, an author, an end.

    Attributes:
        add: KPIs that the scorecard doesn't have.
        remove: KPIs of the scorecard to do without.
        change: Other weights or goals for KPIs of the scorecard.
        author: Who decided so, where a difference doesn't name its own.
        audience: Whose scorecards it is about.
        note: For the reader.
    """

    add: dict[KPIId, Addition] = msgspec.field(default_factory=dict)
    remove: dict[KPIId, Removal] = msgspec.field(default_factory=dict)
    change: dict[KPIId, Change] = msgspec.field(default_factory=dict)
    author: Text | None = None
    audience: tuple[Audience, ...] = ("internal",)
    note: str = ""

    def entries(self) -> list[tuple[str, str, AnyChange]]:
        """Return each difference with its bucket and KPI, in the order of the keys."""
        buckets: dict[str, dict[str, AnyChange]] = {
            "add": {**self.add},
            "remove": {**self.remove},
            "change": {**self.change},
        }
        return [
            (bucket, kpi, entry) for bucket, held in buckets.items() for kpi, entry in held.items()
        ]

    def span(self, entry: AnyChange) -> Held:
        """Return when a difference holds: its own days, else those of the whole entry."""
        return Held(since=entry.since or self.since, until=entry.until or self.until)


class Override(Changes, frozen=True, kw_only=True):
    """What is different for all whom a rule takes: an entry of ``overrides.yaml``.

    Attributes:
        applies_to: Whom it is for.
        carriers: ``for``: whose scorecards it changes.
    """

    applies_to: AppliesTo
    carriers: tuple[Carrier, ...] = msgspec.field(name="for", default=("account",))


class AccountSettings(Changes, frozen=True, kw_only=True):
    """What is different for one account: an entry of ``accounts.yaml`` or ``accounts/*.yaml``."""


class ManagerSettings(Changes, frozen=True, kw_only=True):
    """What is different for one manager: an entry of ``managers.yaml`` or ``managers/*.yaml``.

    Attributes:
        carriers: ``for``: the manager's own scorecard, those of the accounts that they own, or
            both.
    """

    carriers: tuple[Carrier, ...] = msgspec.field(name="for", default=("manager", "account"))
