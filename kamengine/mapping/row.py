"""From a row to the events that it becomes."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec

from kamengine.errors import MappingError
from kamengine.mapping.declaration import EventRule, Mapping, Source, targets_of
from kamengine.mapping.field import Field
from kamengine.mapping.value import Cells, Json, value_of

Event = dict[str, Json]

_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Rendering:
    """How the rows of one source become events.

    Args:
        mapping: Whose name stands before each id.
        source: The source that the rows come from.
        zone: The organisation's time zone, for times of day that state none.
    """

    def __init__(self, mapping: Mapping, source: Source, zone: ZoneInfo) -> None:
        self._mapping = mapping
        self._skips = source.skip
        self._rules = [(rule, targets_of(rule)) for rule in source.events]
        self._zone = ZoneInfo(mapping.time_zone) if mapping.time_zone else zone

    def reason_to_skip(self, cells: Cells) -> str | None:
        """Return why a row is meant to become nothing, or None where it isn't."""
        return next((skip.reason for skip in self._skips if skip.holds(cells)), None)

    def events(self, cells: Cells) -> list[Event]:
        """Return the events of a row, in the form that the log takes.

        Raises:
            MappingError: A cell can't be turned into what the mapping declares. Nothing of
                the row becomes an event then, so that no deal is closed without being opened.
        """
        return [
            self._event(rule, targets, cells)
            for rule, targets in self._rules
            if all(condition.holds(cells) for condition in rule.conditions)
        ]

    def _event(self, rule: EventRule, targets: dict[str, Field], cells: Cells) -> Event:
        values = {name: self._value(rule, name, targets[name], cells) for name in targets}
        event: Event = {
            "id": f"{self._mapping.name}:{values.pop('id')}",
            "type": rule.type,
            "version": rule.version,
            "source": self._mapping.source or self._mapping.name,
        }
        data: dict[str, Json] = {}
        for name, value in values.items():
            if value is not None:
                (data if name.startswith("data.") else event)[name.removeprefix("data.")] = value
        return event | {"data": data}

    def _value(self, rule: EventRule, name: str, field: Field, cells: Cells) -> Json | None:
        place = f"{name} of {rule.type}"
        try:
            value = value_of(field, cells, self._zone)
        except MappingError as error:
            raise MappingError(
                error.what, value=error.value, where=f"{place}, {error.where}", hint=error.hint
            ) from None
        if value is None and name in ("id", "occurred_at"):
            raise MappingError(
                "It is empty, and an event needs it", where=f"{place}, {field.origin}"
            )
        return value


def encode(event: Event) -> bytes:
    """Return an event as a JSON line, without the line's end; decimals keep all their digits."""
    return _ENCODER.encode(event)
