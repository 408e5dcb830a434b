"""Where an event stands: as it was recorded, corrected, or retracted; and by what."""

from __future__ import annotations

from collections import defaultdict
from typing import Literal, TypeAlias

import msgspec

from kamengine.log.amendments import amendment_in, voided
from kamengine.log.contract import EventLog, StoredEvent
from kamengine.vocabulary import AMENDING, EVENT_CORRECTED, EVENT_RETRACTED, EventCorrected

Status: TypeAlias = Literal["recorded", "corrected", "retracted"]


class Said(msgspec.Struct, frozen=True):
    """An amendment of an event.

    Attributes:
        event: The amendment.
        holds: Whether it does, or was retracted itself.
    """

    event: StoredEvent
    holds: bool


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an event.

    Attributes:
        status: What it is now.
        by: The id of the amendment that made it so.
        version: The version of its type that ``data`` follows.
        data: Its payload as it holds, also if the event is retracted; JSON.
        amendments: All that was said of it, oldest first.
    """

    status: Status
    by: str | None
    version: int
    data: str
    amendments: tuple[Said, ...]


class Standings:
    """Tells of any event of a log where it stands.

    Args:
        log: The log as it is now; its amendments are read at once.
    """

    def __init__(self, log: EventLog) -> None:
        amendments = list(log.records(AMENDING))
        position_of = {e.id: e.position for e in amendments}
        self._about: dict[str, list[StoredEvent]] = defaultdict(list)
        retractions = []
        for event in amendments:
            target_id = amendment_in(event.type, event.data).target_id
            self._about[target_id].append(event)
            target = position_of.get(target_id, event.position)
            if event.type == EVENT_RETRACTED.name and target < event.position:
                retractions.append((event.position, target))
        self._void = voided(retractions)

    def of(self, event: StoredEvent) -> Standing:
        """Return where an event stands."""
        said = tuple(
            Said(amendment, amendment.position not in self._void)
            for amendment in self._about.get(event.id, ())
            if amendment.position > event.position
        )
        held = [s.event for s in said if s.holds]
        corrections = [e for e in held if e.type == EVENT_CORRECTED.name]
        retractions = [e for e in held if e.type == EVENT_RETRACTED.name]
        version, data = event.version, event.data
        if corrections:
            content = msgspec.json.decode(corrections[-1].data, type=EventCorrected)
            version, data = content.version or event.version, bytes(content.data).decode()
        status: Status = "retracted" if retractions else "corrected" if corrections else "recorded"
        deciding = retractions[:1] or corrections[-1:]
        return Standing(
            status=status,
            by=deciding[0].id if deciding else None,
            version=version,
            data=data,
            amendments=said,
        )
