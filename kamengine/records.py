"""What the engine itself puts on record: events of types that no pack registers.

They decide nothing that a fact table would hold, so they have none. A document inside one (a
definition, a scorecard) is JSON text.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from kamengine.event import EventData, EventType


class DefinitionApplied(EventData, frozen=True, kw_only=True):
    """A definition holds from here on.

    Attributes:
        apply: The run of ``apply`` that it belongs to.
        sort: What is defined.
        name: Its name.
        change: ``rests`` says that the definition is as it was, and something that it rests on
            (a projection, a parameter, the calendar) is another.
        label: What values made by it carry, where it is a KPI's.
        replaces: The label of the one that held before.
        content: The definition whole; None where it is removed.
        reason: What made it another one, in words.
        effective_from: Earlier periods keep what held for them before; None for all periods.
        by: Who applied it.
        why: What for.
    """

    apply: str
    sort: Literal["event type", "projection", "kpi"]
    name: str
    change: Literal["added", "changed", "removed", "rests"]
    label: str | None = None
    replaces: str | None = None
    content: str | None = None
    reason: str = ""
    effective_from: dt.date | None = None
    by: str = ""
    why: str = ""


class ConfigApplied(EventData, frozen=True, kw_only=True):
    """The config holds from here on.

    Attributes:
        apply: The run of ``apply`` that it belongs to.
        files: Path in the config folder to what the file says.
        effective_from: Earlier periods keep what held for them before; None for all periods.
        by: Who applied it.
        why: What for.
    """

    apply: str
    files: dict[str, str]
    effective_from: dt.date | None = None
    by: str = ""
    why: str = ""


class ScorecardPublished(EventData, frozen=True, kw_only=True):
    """A subject's scorecard for a period, as it was reported.

    Attributes:
        publication: The run of ``publish`` that it belongs to.
        period: The period.
        subject_type: The kind of subject.
        subject: Whose scorecard it is.
        scorecard: The scorecard's name.
        log_position: The last event that its values know of.
        as_of: Where a period still open was cut.
        card: The scorecard with every value, target, weight and point.
        by: Who published it.
        why: What for.
    """

    publication: str
    period: str
    subject_type: Literal["account", "manager", "team", "organisation"]
    subject: str
    scorecard: str
    log_position: int
    as_of: dt.datetime
    card: str
    by: str = ""
    why: str = ""


class PeriodClosed(EventData, frozen=True, kw_only=True):
    """A period's published scorecards are final: it is not published again.

    Attributes:
        period: The period.
        by: Who closed it.
        why: What for.
    """

    period: str
    by: str = ""
    why: str = ""


FAMILY = "engine"

DEFINITION_APPLIED = EventType(
    name="definition.applied",
    data=DefinitionApplied,
    doc="A definition of a KPI, a projection or an event type is put into force or out of it.",
    family=FAMILY,
    account="none",
    manager="none",
)
CONFIG_APPLIED = EventType(
    name="config.applied",
    data=ConfigApplied,
    doc="The organisation's config is put into force.",
    family=FAMILY,
    account="none",
    manager="none",
)
SCORECARD_PUBLISHED = EventType(
    name="scorecard.published",
    data=ScorecardPublished,
    doc="A scorecard is reported, and stays on record as it was.",
    family=FAMILY,
    account="optional",
    manager="optional",
)
PERIOD_CLOSED = EventType(
    name="period.closed",
    data=PeriodClosed,
    doc="A period's published scorecards become final.",
    family=FAMILY,
    account="none",
    manager="none",
)

RECORDS = (DEFINITION_APPLIED, CONFIG_APPLIED, SCORECARD_PUBLISHED, PERIOD_CLOSED)

AMENDMENTS = ("event.corrected", "event.retracted")

NAMES = (*(t.name for t in RECORDS), *AMENDMENTS)
"""The types that the log keeps an index of: few among millions, and asked for by every command."""
