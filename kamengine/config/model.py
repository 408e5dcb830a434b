"""What an organisation settles in YAML, as frozen structs with a meaning for every key."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from kamengine.config.applies import AppliesTo
from kamengine.config.changes import AccountSettings, ManagerSettings, Override
from kamengine.config.complaint import Place
from kamengine.config.levels import Entry, GoalSettings
from kamengine.config.reader import Path
from kamengine.config.section import (
    Audience,
    Carrier,
    Held,
    KPIId,
    Level,
    Months,
    Section,
    Size,
    Text,
    Weight,
)
from kamengine.kpi import KPI, Params
from kamengine.settings import Limits

Missing: TypeAlias = Literal["leave_out", "zero"]
"""What a KPI without a value does to the score."""


class FiscalYear(Section, frozen=True, kw_only=True):
    """When the organisation's year begins.

    Attributes:
        starts: The month, 1 to 12.
        named_by: Whether the year is called after the calendar year that it starts or ends in.
    """

    starts: Annotated[int, Meta(ge=1, le=12)] = 1
    named_by: Literal["start", "end"] = "end"


class Colours(Section, frozen=True, kw_only=True):
    """From which attainment on a KPI is amber or green; below amber it is red.

    The edges belong to the better colour. A colour once reached is kept until attainment falls
    below its edge by more than the margin, so that a value at an edge doesn't flicker.

    Attributes:
        amber_from: The attainment with which amber begins.
        green_from: The attainment with which green begins.
        margin: How far below its edge a colour is kept, by whoever had it before.
    """

    amber_from: Level = Decimal("0.5")
    green_from: Level = Decimal(1)
    margin: Level = Decimal("0.05")


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
        segments: The segments there are; where given, no other may be named in config.
        colours: From which attainment on a KPI is green, amber or red.
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
    colours: Colours = Colours()


class KPISettings(GoalSettings, frozen=True, kw_only=True):
    """A KPI as the organisation measures it: an entry of ``kpis.yaml``.

    Attributes:
        params: The KPI's own settings, as far as they are given. They hold for the whole
            organisation, so that one KPI has one definition.
        note: For the reader.
    """

    params: Annotated[dict[str, object], Meta(extra={"fields_at": "params"})] = msgspec.field(
        default_factory=dict
    )
    note: str = ""


class TenureBand(Section, frozen=True, kw_only=True):
    """The weights of families from a month of tenure on, up to where the next band begins.

    Attributes:
        from_month: The completed months of tenure with which it begins; the first is 0.
        relationship: The weight of relationship; those of a band add up to
            100, and this one is above 0.
        revenue: The weight of revenue.
        retention: The weight of retention.
        learning: The weight of learning; 0 where it is left out, so that it is shown beside.
        business: The weight of business; 0 where it is left out, so that it is shown beside.
    """

    from_month: Months
    relationship: Weight
    revenue: Weight
    retention: Weight
    learning: Weight = Decimal(0)
    business: Weight = Decimal(0)


SEED_BANDS = (
    TenureBand(from_month=0, relationship=Decimal(60), revenue=Decimal(20), retention=Decimal(20)),
    TenureBand(from_month=18, relationship=Decimal(40), revenue=Decimal(30), retention=Decimal(30)),
    TenureBand(from_month=36, relationship=Decimal(30), revenue=Decimal(40), retention=Decimal(30)),
)
"""Relationship first, revenue more and more: what holds where no other bands are written."""


class ScorecardSettings(Held, frozen=True, kw_only=True):
    """A scorecard: an entry of ``scorecards.yaml``.

    Attributes:
        kpis: What counts, and how much.
        title: The name that people read; the entry's name where it is left out.
        carriers: ``for``: whose scorecard it is.
        audience: Who reads it; each subject has one scorecard for each audience.
        applies_to: Which accounts, managers or teams; all where it is left out.
        missing: What a KPI without a value does: it is left out and the others are weighed anew
            (``leave_out``), or it counts as nothing attained (``zero``).
        weigh_by: What weights are: each KPI's own alone (``kpi``), or those of its family by the
            manager's tenure, shared out by the KPIs' own (``tenure``).
        tenure_bands: The weights of families by tenure; 60/20/20, 40/30/30 from month 18 and
            30/40/30 from month 36 where they are left out.
        note: For the reader.
    """

    kpis: dict[KPIId, Entry]
    title: str = ""
    carriers: tuple[Carrier, ...] = msgspec.field(name="for", default=("account",))
    audience: Audience = "internal"
    applies_to: AppliesTo = AppliesTo()
    missing: Missing = "leave_out"
    weigh_by: Literal["kpi", "tenure"] = "kpi"
    tenure_bands: tuple[TenureBand, ...] = ()
    note: str = ""

    @property
    def bands(self) -> tuple[TenureBand, ...]:
        """The bands of tenure that it is weighed by; none where KPIs' own weights are all."""
        return (self.tenure_bands or SEED_BANDS) if self.weigh_by == "tenure" else ()


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured, for whom, and where each setting is written.

    Attributes:
        kpis: By KPI id. A KPI that isn't here has its default parameters and no goal.
        scorecards: By name, in the order of the file.
        overrides: By name, in the order of the file.
        accounts: By account id.
        managers: By manager id.
        places: By path, the kind of file first: ``("kpis", "nps", "target")``.
    """

    kpis: dict[str, KPISettings] = {}
    scorecards: dict[str, ScorecardSettings] = {}
    overrides: dict[str, Override] = {}
    accounts: dict[str, AccountSettings] = {}
    managers: dict[str, ManagerSettings] = {}
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
