"""The engine's own event types: what it keeps on record itself, whatever packs are loaded.

Their events fill no fact table. What they say decides how the events of others are read, by which
definitions they count, and what was reported. A document inside one is JSON text.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec

from kamengine.event import EventData, EventType

FAMILY = "the engine"
"""The heading that they are listed under."""

Words = Annotated[str, msgspec.Meta(min_length=1)]


class EventCorrected(EventData, frozen=True):
    """What an event should have said.

    Attributes:
        target_id: The id of the event.
        data: Its payload as it should have been, whole.
        version: The version of the event's type that ``data`` follows, if not the event's own.
        reason: Why.
    """

    target_id: Words
    data: msgspec.Raw
    version: Annotated[int, msgspec.Meta(ge=1)] | None = None
    reason: Words | None = None


class EventRetracted(EventData, frozen=True):
    """That an event should never have been.

    Attributes:
        target_id: The id of the event.
        reason: Why.
    """

    target_id: Words
    reason: Words


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


EVENT_CORRECTED = EventType(
    name="event.corrected",
    data=EventCorrected,
    doc="An event said something wrong: this payload takes the place of its own, whole. The last"
    " correction in the log holds. Account, manager and time can't be corrected: retract the"
    " event and append another.",
    family=FAMILY,
    account="optional",
)
EVENT_RETRACTED = EventType(
    name="event.retracted",
    data=EventRetracted,
    doc="An event never was. A correction or retraction may be retracted too, and is then as if"
    " it had never been.",
    family=FAMILY,
    account="optional",
)

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

AMENDING = frozenset({EVENT_CORRECTED.name, EVENT_RETRACTED.name})
"""The types that say something of another event. Account and manager are those of that event:
they are filled in where they are left out."""

OWN = {
    event_type.name: event_type
    for event_type in (
        EVENT_CORRECTED,
        EVENT_RETRACTED,
        DEFINITION_APPLIED,
        CONFIG_APPLIED,
        SCORECARD_PUBLISHED,
        PERIOD_CLOSED,
    )
}
"""All of them, by name. No pack may register these names."""
