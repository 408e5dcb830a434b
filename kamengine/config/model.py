"""What an organisation settles in YAML, as frozen structs with a meaning for every key."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec
from msgspec import Meta

from kamengine.config.complaint import Place
from kamengine.config.reader import Path
from kamengine.kpi import KPI, Params
from kamengine.settings import Limits

Text: TypeAlias = Annotated[str, Meta(min_length=1)]
KPIId: TypeAlias = Annotated[str, Meta(extra={"check": "kpi"})]
Weight: TypeAlias = Annotated[Decimal, Meta(extra={"check": "weight"})]
Level: TypeAlias = Annotated[Decimal, Meta(extra={"percent": True})]
Tier: TypeAlias = Annotated[str, Meta(extra={"check": "tier"})]
Segment: TypeAlias = Annotated[str, Meta(extra={"check": "segment"})]
Size: TypeAlias = Annotated[str, Meta(extra={"check": "size"})]
Carrier: TypeAlias = Literal["account", "manager", "team", "organisation"]
"""Who can have a scorecard."""


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping in YAML whose keys are known."""


class FiscalYear(Section, frozen=True, kw_only=True):
    """When the organisation's year begins.

    Attributes:
        starts: The month, 1 to 12.
        named_by: Whether the year is called after the calendar year that it starts or ends in.
    """

    starts: Annotated[int, Meta(ge=1, le=12)] = 1
    named_by: Literal["start", "end"] = "end"


class LimitSettings(Section, frozen=True, kw_only=True):
    """What the query of one definition may cost before it is stopped, and its KPI parked.

    Attributes:
        seconds: How long it may take.
        memory: How much memory it may hold: 800MB, 4GB.
        spill: How much it may write to disk where memory doesn't do; left out, nine tenths of
            what the disk has left.
    """

    seconds: Annotated[int, Meta(ge=1, le=86_400)] = int(Limits().seconds)
    memory: Size = Limits().memory
    spill: Size | None = None


class Organisation(Section, frozen=True, kw_only=True):
    """The organisation itself: ``organisation.yaml``.

    Attributes:
        name: As people write it.
        reporting_currency: ISO 4217; all money is converted into it.
        time_zone: IANA name; days begin and end in it.
        fiscal_year: When the year begins.
        periods: Which values are kept ready; others are computed when asked for.
        active_by: Whether contracts or account.opened/closed decide that an account is active.
        as_of: Pins "now", for a workspace whose history stands still.
        limits: What one definition may cost.
        tiers: The tiers there are; where given, no other may be named in config.
        segments: The segments there are, likewise.
    """

    name: Text
    reporting_currency: Annotated[str, Meta(extra={"check": "currency"})]
    time_zone: Annotated[str, Meta(extra={"check": "time_zone"})]
    fiscal_year: FiscalYear = FiscalYear()
    periods: tuple[Literal["month", "quarter", "year", "week"], ...] = ("month", "quarter", "year")
    active_by: Literal["contracts", "accounts"] = "contracts"
    as_of: dt.date | None = None
    limits: LimitSettings = LimitSettings()
    tiers: tuple[Text, ...] = ()
    segments: tuple[Text, ...] = ()


class Target(Section, frozen=True, kw_only=True):
    """Three levels: attainment is 0 at the floor, 1 at the target and 1.2 at the stretch.

    Attributes:
        floor: At this level and worse, nothing is attained.
        target: What is aimed for.
        stretch: Better still; without it attainment ends at 1.
    """

    floor: Level
    target: Level
    stretch: Level | None = None


class Band(Section, frozen=True, kw_only=True):
    """A range to stay in: attainment is 1 inside, and falls to 0 at the floors outside.

    Attributes:
        low: The lower edge, inside.
        high: The upper edge, inside.
        floor_low: Below the band, where attainment reaches 0; left out, at once.
        floor_high: Above the band, likewise.
    """

    low: Level
    high: Level
    floor_low: Level | None = None
    floor_high: Level | None = None


Goal: TypeAlias = Target | Band


class GoalSettings(Section, frozen=True, kw_only=True):
    """Settings that may carry a goal: a target or a band, not both."""

    target: Target | None = None
    band: Band | None = None

    @property
    def goal(self) -> Goal | None:
        """The target or the band, whichever is given."""
        return self.target or self.band


class KPISettings(GoalSettings, frozen=True, kw_only=True):
    """A KPI as the organisation measures it: an entry of ``kpis.yaml``.

    Attributes:
        params: The KPI's own settings, as far as they are given. They hold for the whole
            organisation, so that one KPI has one definition.
        note: For the reader.
    """

    params: Annotated[dict[str, object], Meta(extra={"fields_at": "params"})] = {}
    note: str = ""


class Entry(GoalSettings, frozen=True, kw_only=True):
    """A KPI on a scorecard. ``nps: 15`` is short for ``nps: {weight: 15}``.

    Attributes:
        weight: Its share in the score, relative to the other weights; 0 shows it beside.
        note: For the reader.
    """

    shorthand: ClassVar[str | None] = "weight"

    weight: Weight
    note: str = ""


class AppliesTo(Section, frozen=True, kw_only=True):
    """Which accounts a scorecard is for. Given several keys, all of them must fit.

    Attributes:
        accounts: Accounts by id. Not together with other keys.
        tier: One tier or several.
        segment: One segment or several.
    """

    accounts: tuple[Text, ...] = ()
    tier: tuple[Tier, ...] = ()
    segment: tuple[Segment, ...] = ()


class ScorecardSettings(Section, frozen=True, kw_only=True):
    """A scorecard: an entry of ``scorecards.yaml``.

    Attributes:
        kpis: What counts, and how much.
        title: The name that people read; the entry's name where it is left out.
        carriers: ``for``: whose scorecard it is.
        applies_to: Which accounts; all where it is left out.
        note: For the reader.
    """

    kpis: dict[KPIId, Entry]
    title: str = ""
    carriers: tuple[Carrier, ...] = msgspec.field(name="for", default=("account",))
    applies_to: AppliesTo = AppliesTo()
    note: str = ""


class Addition(Entry, frozen=True, kw_only=True):
    """A KPI that one account has on top of its scorecard."""

    shorthand: ClassVar[str | None] = None

    reason: Text


class Removal(Section, frozen=True, kw_only=True):
    """A KPI that one account does without. ``nps: the reason`` is short for it."""

    shorthand: ClassVar[str] = "reason"

    reason: Text


class Change(GoalSettings, frozen=True, kw_only=True):
    """Another weight or goal for a KPI that is on the account's scorecard."""

    reason: Text
    weight: Weight | None = None


class AccountSettings(Section, frozen=True, kw_only=True):
    """What is different for one account: an entry of ``accounts.yaml`` or ``accounts/*.yaml``."""

    add: dict[KPIId, Addition] = {}
    remove: dict[KPIId, Removal] = {}
    change: dict[KPIId, Change] = {}
    note: str = ""


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured, for whom, and where each setting is written.

    Attributes:
        kpis: By KPI id. A KPI that isn't here has its default parameters and no goal.
        scorecards: By name, in the order of the file.
        accounts: By account id.
        places: By path, the kind of file first: ``("kpis", "nps", "target")``.
    """

    kpis: dict[str, KPISettings] = {}
    scorecards: dict[str, ScorecardSettings] = {}
    accounts: dict[str, AccountSettings] = {}
    places: dict[Path, Place] = {}

    def params_of(self, kpi: KPI) -> Params:
        """Return a KPI's parameters: its defaults, with those that config sets put on top."""
        settings = self.kpis.get(kpi.id)
        return msgspec.structs.replace(kpi.params, **settings.params) if settings else kpi.params

    def place(self, *path: str) -> Place:
        """Return where a setting is written, or what it stands in where it isn't itself."""
        while path not in self.places and len(path) > 1:
            path = path[:-1]
        return self.places[path]


class Config(Programme, frozen=True, kw_only=True):
    """All that an organisation settled.

    Attributes:
        organisation: The organisation itself.
    """

    organisation: Organisation
