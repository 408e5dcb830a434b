"""The quick way into the log: lines of JSON in, validated events out."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec

from kamengine.errors import EventError
from kamengine.event import EventData
from kamengine.log.contract import NewEvent
from kamengine.log.doors import SMALLEST, Door, open_doors
from kamengine.log.examination import Examiner, Text, objects_in
from kamengine.log.instants import EPOCH, MICROSECOND, Clock, micros, utc_now
from kamengine.plugins import Registry
from kamengine.vocabulary import AMENDING

Instant = Annotated[dt.datetime, msgspec.Meta(tz=True)]


_PLAIN_INSTANT = re.compile(
    r'":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)"', re.ASCII
)
"""A time as nearly all systems write it, which DuckDB reads as msgspec does."""


class Envelope(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """An event as it is written when nothing about it is unusual."""

    id: Text
    type: str
    occurred_at: Instant
    version: int = 1
    account_id: Text | None = None
    manager_id: Text | None = None
    recorded_at: Instant | None = None
    source: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"{}")


class Rejection(msgspec.Struct, frozen=True):
    """A line, or an item of an array on it, that isn't fit for the log.

    Attributes:
        line: Its number, from 1.
        error: Why.
        raw: The bytes as given.
    """

    line: int
    error: EventError
    raw: bytes


class Admission(msgspec.Struct):
    """What came of some lines.

    Attributes:
        events: Those fit for the log.
        lines: The number of the line of each.
        rejections: The others. Blank lines are neither.
        size: Their length in bytes, where that is known.
        amending: Whether some of the events amend others; see `kamengine.log.amendments`.
    """

    events: list[NewEvent]
    lines: list[int]
    rejections: list[Rejection]
    size: int = 0
    amending: bool = False


class Intake:
    """Validates events against the types of a registry.

    Args:
        registry: The known event types.
        zone: The time zone in which a bare date starts.
        clock: The log's clock: nothing may have occurred after it.
    """

    def __init__(self, registry: Registry, zone: ZoneInfo, clock: Clock = utc_now) -> None:
        self.registry = registry
        self.zone = zone
        self.clock = clock
        doors = open_doors(registry.event_types)
        # amendments are rare enough to go the careful way, where they are noticed
        self._doors = {key: door for key, door in doors.items() if key[0] not in AMENDING}
        self._examiner = Examiner(registry, doors, zone)

    def admit(self, text: bytes, first: int = 1) -> Admission:
        """Validate lines of JSON, each an event, a CloudEvent or an array of them.

        This is one of the two loops that every event passes: it is kept flat for that reason.
        Whatever isn't plainly fine here is looked at again, with care, by an `Examiner`.

        Args:
            text: Whole lines.
            first: The number of the first of them.
        """
        admission = Admission([], [], [])
        keep, keep_line = admission.events.append, admission.lines.append
        parse, doors, now = _PARSER.decode, self._doors, micros(self.clock())
        lines = _Lines(text)
        for index, event in enumerate(lines.envelopes()):
            try:
                if event is None:
                    self._examine(lines.all[index], first + index, now, admission)
                    continue
                door = doors[event.type, event.version]
                raw = event.data
                payload = door.decode(raw)
                data = str(raw, "utf-8")
                occurred = (event.occurred_at - EPOCH) // MICROSECOND
                if (
                    occurred > now
                    or event.recorded_at is not None
                    or (event.account_id is None) is door.account_fault
                    or (event.manager_id is None) is door.manager_fault
                    # as many colons as there must be fields, or as there are: none is there twice
                    or (
                        (colons := data.count(":")) != door.required
                        and colons != len(fields := parse(raw))
                        and colons != _colons(fields)
                    )
                    or (lines.unusual and not (data.isascii() and "\\" not in data))
                    or (
                        door.delicate
                        and (door.mark is None or door.mark in data)
                        and not _is_plain(door, payload, data)
                    )
                ):
                    self._examine(lines.all[index], first + index, now, admission)
                    continue
            except Exception:  # noqa: BLE001 - whatever it is, the examiner has words for it
                self._examine(lines.all[index], first + index, now, admission)
                continue
            keep(
                (
                    event.id,
                    event.type,
                    event.version,
                    event.account_id,
                    event.manager_id,
                    occurred,
                    None,
                    event.source,
                    data,
                )
            )
            keep_line(first + index)
        return admission

    def check_payload(self, type_name: str, version: int, data: msgspec.Raw) -> None:
        """Make sure that a payload is fit for the log; see `Examiner.check_payload`."""
        self._examiner.check_payload(type_name, version, data)

    def _examine(self, line: bytes, number: int, now: int, admission: Admission) -> None:
        try:
            for raw in objects_in(line) if line.strip() else ():
                try:
                    event = self._examiner.examine(raw, now)
                    admission.events.append(event)
                    admission.lines.append(number)
                    admission.amending |= event[1] in AMENDING
                except EventError as error:
                    admission.rejections.append(Rejection(number, error, raw))
        except EventError as error:
            admission.rejections.append(Rejection(number, error, line))


class _Lines:
    """The lines of a text, decoded all at once where every one of them is an event."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self.unusual = not text.isascii() or b"\\" in text

    @cached_property
    def all(self) -> list[bytes]:
        """The lines themselves; most texts never need to be split."""
        return self._text.removesuffix(b"\n").split(b"\n")

    def envelopes(self) -> Sequence[Envelope | None]:
        """Return the envelope of each line, None for a line that isn't plainly an event."""
        if self.unusual and rb"\u0000" in self._text:  # SQLite's JSON functions end a text there
            return [None] * len(self.all)
        try:
            envelopes = _ENVELOPES.decode_lines(self._text)
        except Exception:  # noqa: BLE001 - one of the lines is at fault
            return [self._envelope(line) for line in self.all]
        if len(envelopes) != self._text.count(b"\n") + (not self._text.endswith(b"\n")):
            return [self._envelope(line) for line in self.all]
        return envelopes

    @staticmethod
    def _envelope(line: bytes) -> Envelope | None:
        try:
            return _ENVELOPES.decode(line)
        except Exception:  # noqa: BLE001 - the examiner has words for it
            return None


def _colons(fields: Mapping[str, object]) -> int:
    """Count the colons of a payload that has each of its fields once."""
    count = len(fields)
    for value in fields.values():
        if isinstance(value, str):
            count += value.count(":")
        elif isinstance(value, dict):
            count += _colons(value)
    return count


def _is_plain(door: Door, payload: EventData, data: str) -> bool:
    """Tell whether decimals and times are plainly such as a fact column holds."""
    stated = 0
    for name in door.instants:
        stated += getattr(payload, name) is not None
    if stated and len(_PLAIN_INSTANT.findall(data)) != stated:
        return False
    for name in door.decimals:
        value = getattr(payload, name)
        for part in value.values() if isinstance(value, dict) else (value,):
            if part is not None and part.quantize(SMALLEST) != part:
                return False
    return True


_ENVELOPES = msgspec.json.Decoder(Envelope)
_PARSER = msgspec.json.Decoder()
