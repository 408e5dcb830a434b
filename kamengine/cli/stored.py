"""Showing events of the log, and what others say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kamengine.cli.context import App
from kamengine.errors import UnknownNameError
from kamengine.log.contract import StoredEvent
from kamengine.log.instants import format_instant

if TYPE_CHECKING:
    from kamengine.log.standing import Standing


def found(app: App, event_id: str) -> StoredEvent:
    """Return the event of an id.

    Raises:
        UnknownNameError: The log has none.
    """
    event = app.log.get(event_id)
    if event is None:
        hint = "`kamengine events list` shows those that it has"
        raise UnknownNameError("The log has no event of that id", value=event_id, hint=hint)
    return event


def event_row(event: StoredEvent, standing: Standing | None = None) -> dict[str, object]:
    """Return an event as it is printed: what the log holds of it, and where it stands."""
    row: dict[str, object] = {
        **msgspec.structs.asdict(event),
        "occurred_at": format_instant(event.occurred_at),
        "recorded_at": format_instant(event.recorded_at),
        "data": msgspec.Raw(event.data.encode()),
        "hash": event.hash.hex(),
    }
    if standing is not None:
        row |= {"status": standing.status, "amended_by": standing.by}
    return row


def amendment_rows(standing: Standing) -> list[dict[str, object]]:
    """Return all that was said of an event, as it is printed."""
    from kamengine.log.amendments import amendment_in

    return [
        {
            "id": said.event.id,
            "type": said.event.type,
            "position": said.event.position,
            "recorded_at": format_instant(said.event.recorded_at),
            "holds": said.holds,
            **msgspec.structs.asdict(amendment_in(said.event.type, said.event.data)),
        }
        for said in standing.amendments
    ]
