"""``docs/events.md``: every event type with its fields."""

from __future__ import annotations

from itertools import groupby

from kamengine.catalogue.markdown import code, table
from kamengine.event import EventType, keys_of
from kamengine.log.description import Field, describe
from kamengine.plugins import Registry

INTRO = """# The vocabulary: event types

An event is one line of JSON:

```json
{"id": "crm-1", "type": "touch.logged", "account_id": "acme", "manager_id": "kim",
 "occurred_at": "2026-09-03T10:00:00Z", "source": "crm",
 "data": {"channel": "email", "direction": "inbound", "contact_ids": ["c9"]}}
```
"""

ENVELOPE = {
    "`id`": "The producer's own name for the event. Sent again with the same content it is a"
    " duplicate and does nothing; with other content it is refused.",
    "`type`, `version`": "One of the types below, and the version of it that `data` follows (1"
    " where it is left out).",
    "`account_id`, `manager_id`": "Whose event it is. Each type says whether it needs them.",
    "`occurred_at`": "When it happened: a time with an offset, or a bare date for the start of that"
    " day where the organisation is.",
    "`recorded_at`": "When the source learnt of it. Left out, the log says when it took the event"
    " in. Along the log it never decreases.",
    "`source`": "The system that it came from.",
    "`data`": "The fields below. A field that the type doesn't know stays in the log, and"
    " `kamengine events check` names it.",
}

READING = """
Times are kept as UTC to the microsecond, amounts as exact decimals. An amount without a `currency`
is in the reporting currency. SQL reads the events of a type as a table of that name with the dot
as an underscore: `touch.logged` as `touch_logged`, with the columns `event_id`, `id`, `account_id`,
`manager_id`, `occurred_at`, `recorded_at`, `source`, and one for each field.
"""


def page(registry: Registry) -> str:
    """Return the page."""
    types = sorted(registry.event_types.values(), key=lambda t: (t.family, t.name))
    parts = [INTRO.strip(), table(("key", "meaning"), ENVELOPE.items()), READING.strip()]
    for family, members in groupby(types, key=lambda t: t.family):
        parts.append(f"## {family.capitalize()}")
        parts += [_event_type(event_type) for event_type in members]
    return "\n\n".join(parts)


def _event_type(event_type: EventType) -> str:
    keys = {"account_id": event_type.account, "manager_id": event_type.manager}
    envelope = ", ".join(f"{code(key)} {said}" for key, said in keys.items() if said != "none")
    version = f" Version {event_type.version}." if event_type.version > 1 else ""
    columns = {key: column for column, key in keys_of(event_type.data).items()}
    rows = [
        (
            code(field.field),
            _type(field.type),
            "yes" if field.required else "",
            _default(field),
            code(columns[field.field]) if columns[field.field] != field.field else "",
        )
        for field in describe(event_type)
    ]
    heads = ("field", "type", "required", "default", "column in SQL")
    listed = table(heads, rows) if rows else "No fields."
    doc = event_type.doc.replace("``", "`")
    keyed = f"{envelope}." if envelope else "Belongs to no account and no manager."
    return f"### {event_type.name}\n\n{doc}\n\n{keyed}{version}\n\n{listed}"


def _type(words: str) -> str:
    return ", ".join(code(w) for w in words.split(" | ")) if " | " in words else words


def _default(field: Field) -> str:
    return "" if field.default is None else code(str(field.default))
