"""The engine's own event types: what it keeps on record itself, whatever packs are loaded.

Their events fill no fact table. What they say decides how the events of others are read.
"""

from __future__ import annotations

from typing import Annotated

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

AMENDING = frozenset({EVENT_CORRECTED.name, EVENT_RETRACTED.name})
"""The types that say something of another event. Account and manager are those of that event:
they are filled in where they are left out."""

OWN = {event_type.name: event_type for event_type in (EVENT_CORRECTED, EVENT_RETRACTED)}
"""All of them, by name. No pack may register these names."""
