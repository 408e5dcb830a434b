"""Payload fields that the log holds and no event type knows: misspelt, or not yet declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from kamengine.log.contract import StoredEvent
from kamengine.plugins import Registry
from kamengine.suggestions import suggest


class UnknownField(msgspec.Struct, frozen=True, kw_only=True):
    """A field that is kept in the log and read by nobody.

    Attributes:
        type: The event type.
        field: The field as given.
        events: How many events have it.
        hint: The nearest field that the type knows.
    """

    type: str
    field: str
    events: int
    hint: str | None


def find_unknown_fields(events: Iterable[StoredEvent], registry: Registry) -> list[UnknownField]:
    """Count the unknown payload fields per type, the most frequent first.

    Events of a type that isn't registered are left out: `events types` tells those that are.
    """
    fields_of = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
    counts: Counter[tuple[str, str]] = Counter()
    known: dict[tuple[str, int], frozenset[str] | None] = {}
    for event in events:
        key = (event.type, event.version)
        if key not in known:
            known[key] = _known_fields(registry, *key)
        fields = known[key]
        if fields is not None:
            counts.update((event.type, f) for f in fields_of(event.data) if f not in fields)
    return [
        UnknownField(type=type_, field=field, events=n, hint=_near(registry, type_, field))
        for (type_, field), n in counts.most_common()
    ]


def _known_fields(registry: Registry, name: str, version: int) -> frozenset[str] | None:
    event_type = registry.event_types.get(name)
    data = event_type.data_of(version) if event_type else None
    return frozenset(f.encode_name for f in msgspec.structs.fields(data)) if data else None


def _near(registry: Registry, type_: str, field: str) -> str | None:
    event_type = registry.event_types[type_]
    return suggest(field, [f.encode_name for f in msgspec.structs.fields(event_type.data)])
