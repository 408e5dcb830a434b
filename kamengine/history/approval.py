"""Who puts something on record, and the records themselves."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import msgspec

from kamengine.event import EventData, EventType
from kamengine.log.contract import NewEvent
from kamengine.log.instants import micros

SOURCE = "kamengine"
"""The source of what the engine itself puts on record."""


class Approval(NamedTuple):
    """Who puts something into force, and why.

    Attributes:
        by: A person, as they call themselves.
        why: In their words.
        at: When.
        effective_from: Earlier periods keep what held for them before; None for all periods.
        restores: The run of ``apply`` after which all was as it is to be again.
    """

    by: str
    why: str
    at: dt.datetime
    effective_from: dt.date | None = None
    restores: str | None = None


def new_record(
    event_type: EventType,
    event_id: str,
    payload: EventData,
    at: dt.datetime,
    *,
    account: str | None = None,
    manager: str | None = None,
) -> NewEvent:
    """Return a record of the engine's own, ready for the log."""
    data = msgspec.json.encode(payload).decode()
    moment = micros(at)
    return (
        event_id,
        event_type.name,
        event_type.version,
        account,
        manager,
        moment,
        None,
        SOURCE,
        data,
    )
