"""A scorecard as it holds for one subject, with the origin of each setting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from kamengine.config.complaint import Place
from kamengine.config.levels import Goal
from kamengine.config.model import Missing, TenureBand
from kamengine.config.rules import Subject
from kamengine.config.section import Audience, When
from kamengine.kpi import KPI, Direction, Family, Params

Layer: TypeAlias = Literal["default", "organisation", "scorecard", "rule", "account", "manager"]
"""``rule`` is an entry of ``overrides.yaml``."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What decided a setting.

    Attributes:
        layer: ``default`` is the KPI's own.
        place: None for a KPI's own default.
        reason: As the difference gives it.
        author: Who decided so, where it is a difference.
        until: The first day on which the difference holds no more.
        rule: The name of the scorecard or override that it is written in.
    """

    layer: Layer
    place: Place | None = None
    reason: str | None = None
    author: str | None = None
    until: dt.date | None = None
    rule: str | None = None


class ResolvedKPI(msgspec.Struct, frozen=True, kw_only=True):
    """A KPI on a subject's scorecard, with all that is needed to score it.

    Attributes:
        id: The KPI's id.
        kpi: Its declaration; None where no loaded pack has it.
        weight: Relative to the other weights.
        goal: A target or a band; None where there is none.
        params: Its parameters; None where no loaded pack has it.
        selected_by: What put it on the scorecard.
        weighted_by: What set the weight.
        aimed_by: What set the goal; None where there is none.
        params_by: For each parameter, what set it.
        min_count: With fewer rows of evidence the value counts as missing.
        counted_by: What set that minimum; None where nothing did.
    """

    id: str
    kpi: KPI | None
    weight: Decimal
    goal: Goal | None
    params: Params | None
    selected_by: Origin
    weighted_by: Origin
    aimed_by: Origin | None
    params_by: dict[str, Origin]
    min_count: int = 0
    counted_by: Origin | None = None

    @property
    def title(self) -> str:
        """The name that people read."""
        return self.kpi.title if self.kpi else self.id

    @property
    def family(self) -> Family | None:
        """Where it belongs, if that is known."""
        return self.kpi.family if self.kpi else None

    @property
    def unit(self) -> str:
        """The unit of its values and levels."""
        return self.kpi.unit if self.kpi else ""

    @property
    def better(self) -> Direction | None:
        """Which way is better, if that is known."""
        return self.kpi.better if self.kpi else None


class RemovedKPI(msgspec.Struct, frozen=True, kw_only=True):
    """A KPI that the scorecard has and the subject does without."""

    id: str
    origin: Origin


class ResolvedScorecard(msgspec.Struct, frozen=True, kw_only=True):
    """A subject's scorecard as it holds.

    Attributes:
        subject: Whose.
        scorecard: The name of the scorecard that was nearest.
        title: The name that people read.
        because: Why it is the subject's, in words.
        origin: Where the scorecard is written.
        kpis: In the order of the file; what is added comes last.
        removed: What the subject does without.
        notes: What is written to no effect, or no longer, or changes inside the period.
        audience: Who reads it.
        missing: What a KPI without a value does to the score.
        bands: The bands of tenure that families are weighed by; none where they aren't.
        when: What it was resolved for.
        settled_by: For what is written of the scorecard as a whole (``missing``, ``weigh_by``,
            ``tenure_bands``), the line.
    """

    subject: Subject
    scorecard: str
    title: str
    because: str
    origin: Origin
    kpis: tuple[ResolvedKPI, ...]
    removed: tuple[RemovedKPI, ...] = ()
    notes: tuple[str, ...] = ()
    audience: Audience = "internal"
    missing: Missing = "leave_out"
    bands: tuple[TenureBand, ...] = ()
    when: When | None = None
    settled_by: Mapping[str, Origin] = {}
