"""The careful way into the log: every question is asked, and each has a sentence for its answer.

The quick way (`kamengine.log.intake`) lets through what is plainly fine and sends the rest here.
"""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from kamengine.errors import EventError
from kamengine.event import MONEY_DIGITS
from kamengine.log import cloudevents
from kamengine.log.complaints import LONGEST_VALUE, complaint, field_of, shown
from kamengine.log.contract import NewEvent
from kamengine.log.doors import Door, is_exact
from kamengine.log.instants import format_instant, parse_instant
from kamengine.plugins import Registry
from kamengine.suggestions import suggest

Text = Annotated[str, msgspec.Meta(min_length=1)]

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", flags=re.ASCII)


class Given(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The envelope as its producer wrote it; ``data`` and times are looked at apart."""

    id: Text
    type: Text
    occurred_at: Text
    version: Annotated[int, msgspec.Meta(ge=1)] = 1
    account_id: Text | None = None
    manager_id: Text | None = None
    recorded_at: Text | None = None
    source: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"{}")


class Examiner:
    """Turns one event as JSON into one for the log, or says why it can't.

    Args:
        registry: The known event types.
        doors: The door of each type and version.
        zone: The time zone in which a bare date starts.
    """

    def __init__(
        self, registry: Registry, doors: Mapping[tuple[str, int], Door], zone: ZoneInfo
    ) -> None:
        self._registry = registry
        self._doors = doors
        self._zone = zone

    def examine(self, text: bytes, now: int) -> NewEvent:
        """Return the event that one JSON object states.

        Args:
            text: The object, an event or a CloudEvent.
            now: The log's clock: microseconds since 1970, UTC.

        Raises:
            EventError: It isn't fit for the log.
        """
        given = _envelope(text)
        _check_names(given)
        door = self._door(given.type, given.version)
        _check_presence(given, door)
        occurred = self._instant("occurred_at", given.occurred_at, now)
        recorded = (
            None
            if given.recorded_at is None
            else self._instant("recorded_at", given.recorded_at, now)
        )
        data = _payload(given.data, door)
        return (
            given.id,
            given.type,
            given.version,
            given.account_id,
            given.manager_id,
            occurred,
            recorded,
            given.source,
            data,
        )

    def check_payload(self, type_name: str, version: int, data: msgspec.Raw) -> None:
        """Make sure that a payload is one of a version of a type.

        Raises:
            EventError: It isn't; or there is no such type or version.
        """
        _payload(data, self._door(type_name, version))

    def _door(self, type_name: str, version: int) -> Door:
        door = self._doors.get((type_name, version))
        if door:
            return door
        if event_type := self._registry.event_types.get(type_name):
            raise EventError(
                f"{type_name} has no version {version}",
                hint=f"its newest is {event_type.version}",
            )
        lost = ", ".join(pack.name for pack in self._registry.quarantined)
        hint = suggest(type_name, self._registry.event_types) or (
            f"it may belong to a quarantined pack ({lost}), see `kamengine plugins list`"
            if lost
            else "`kamengine events types` shows all"
        )
        raise EventError("There is no event type of that name", value=shown(type_name), hint=hint)

    def _instant(self, field: str, text: str, now: int) -> int:
        try:
            instant = parse_instant(text, self._zone)
        except ValueError as error:
            raise EventError(f"{field} {error}", value=shown(text)) from error
        if instant > now:
            raise EventError(
                f"{field} is in the future of the log's clock, {format_instant(now)}",
                value=shown(text),
            )
        return instant


def objects_in(line: bytes) -> Iterator[bytes]:
    """Yield the JSON objects of a line: itself, or the items where it is an array.

    Raises:
        EventError: It is a broken array.
    """
    if not line.lstrip().startswith(b"["):
        yield line
        return
    try:
        items = msgspec.json.decode(line, type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        raise EventError("The line isn't JSON", value=str(error)) from error
    yield from (bytes(item) for item in items)


def _envelope(text: bytes) -> Given:
    fields = _fields(text)
    if "specversion" in fields:
        fields = cloudevents.to_envelope(fields)
    try:
        return msgspec.json.decode(msgspec.json.encode(fields), type=Given)
    except msgspec.ValidationError as error:
        parsed = {name: _parsed(raw) for name, raw in fields.items() if name != "data"}
        raise complaint(error, parsed, Given.__struct_fields__) from error


def _fields(text: bytes) -> dict[str, msgspec.Raw]:
    try:
        text.decode()
        return msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except UnicodeDecodeError as error:
        raise EventError(
            f"The line isn't UTF-8: byte 0x{text[error.start]:02x} at column {error.start + 1}",
            hint="save the file as UTF-8",
        ) from error
    except msgspec.ValidationError as error:
        raise EventError(
            "An event must be a JSON object", value=shown(text.decode().strip())
        ) from error
    except msgspec.DecodeError as error:
        raise EventError("The line isn't JSON", value=str(error)) from error
    except RecursionError as error:
        raise EventError("The event is nested too deeply") from error


def _check_names(given: Given) -> None:
    for field in ("id", "account_id", "manager_id", "source"):
        value = getattr(given, field)
        if value is not None and "\0" in value:
            raise EventError(f"{field} can't hold the character U+0000", value=shown(value))


def _check_presence(given: Given, door: Door) -> None:
    for field, value, fault in (
        ("account_id", given.account_id, door.account_fault),
        ("manager_id", given.manager_id, door.manager_fault),
    ):
        if (value is None) is fault:
            raise EventError(
                f"{given.type} {'must' if fault else 'can not'} carry {field}",
                value=None if value is None else shown(value),
            )


def _payload(raw: msgspec.Raw, door: Door) -> str:
    """Return the payload as compact JSON text.

    Raises:
        EventError: It isn't what its type asks for.
    """
    parsed = _parsed(raw)
    try:
        door.decode(raw)
    except msgspec.ValidationError as error:
        known = [f.encode_name for f in msgspec.structs.fields(_data(door))]
        raise complaint(error, parsed, known, _choices(door, field_of(error)), "data") from error
    except Exception as error:  # a pack's own check may raise anything
        raise EventError(f"The check of {door.event_type.name} failed: {error!r}") from error
    for key in door.decimals.values():
        for value in _values(parsed.get(key)):
            _check_decimal(f"data.{key}", value)
    for key in door.instants.values():
        for value in _values(parsed.get(key)):
            _check_instant(f"data.{key}", value)
    text = bytes(raw).decode()
    return text if "\n" not in text else msgspec.json.format(text, indent=-1)


def _data(door: Door) -> type[msgspec.Struct]:
    data = door.event_type.data_of(door.version)
    if data is None:
        raise LookupError(door.event_type.name)
    return data


def _choices(door: Door, field: str | None) -> list[str]:
    """Return the values of a closed set, where the field holds one."""
    names = {f.encode_name: f.name for f in msgspec.structs.fields(_data(door))}
    hint = typing.get_type_hints(_data(door)).get(names.get(field or "", ""))
    for part in (hint, *typing.get_args(hint)):
        if typing.get_origin(part) is Literal:
            return [str(choice) for choice in typing.get_args(part)]
    return []


def _parsed(raw: msgspec.Raw) -> Any:
    """Parse JSON, with decimals to their last digit."""
    try:
        return json.loads(
            bytes(raw),
            object_pairs_hook=_without_repeats,
            parse_float=Decimal,
            parse_int=_integer,
        )
    except RecursionError as error:
        raise EventError("The event is nested too deeply") from error


def _integer(digits: str) -> int | Decimal:
    """Read an integer; Python refuses to make an int of thousands of digits."""
    return int(digits) if len(digits) < LONGEST_VALUE else Decimal(digits)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build an object; two readers of JSON may each take another of two fields of one name."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise EventError("data has a field twice", value=shown(twice), hint="say it once")
    return found


def _values(given: object) -> list[object]:
    """Return what a field holds: its one value, or those of a list or a map."""
    match given:
        case dict():
            return [value for value in given.values() if value is not None]
        case list():
            return [value for value in given if value is not None]
        case _:
            return [] if given is None else [given]


def _check_decimal(field: str, given: object) -> None:
    value = Decimal(given) if isinstance(given, str | int) else given
    if isinstance(given, str) and not given.isascii():
        raise EventError(f"{field} must be written with the digits 0 to 9", value=shown(given))
    if isinstance(value, Decimal) and not is_exact(value):
        raise EventError(
            f"{field} can't be kept exactly",
            value=str(given),
            hint=f"a decimal may have 32 digits before the point and {MONEY_DIGITS} behind it",
        )


def _check_instant(field: str, given: object) -> None:
    if not _RFC3339.fullmatch(str(given)):
        raise EventError(
            f"{field} is no RFC 3339 time",
            value=shown(given),
            hint="write it like 2026-09-03T10:00:00Z",
        )
