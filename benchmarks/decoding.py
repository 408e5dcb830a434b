"""The first statements of the limit: one for each event type, from log rows to typed facts.

python -m benchmarks.decoding STATEMENTS.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kamengine.event import EventType, columns_of
from kamengine.plugins import load


def statements() -> list[str]:
    """Return the statements that make a fact table of each registered event type."""
    return [_decode(event_type) for _, event_type in sorted(load().event_types.items())]


def _decode(event_type: EventType) -> str:
    columns = columns_of(event_type.data)
    structure = json.dumps({name: _as_json_type(kind) for name, kind in columns.items()})
    fields = [f"payload['{name}']::{kind} AS \"{name}\"" for name, kind in columns.items()]
    return f"""
        CREATE TABLE {event_type.table} AS
        SELECT {", ".join([*ENVELOPE, *fields])}
        FROM (
            SELECT *, json_transform(data, '{structure}') AS payload
            FROM log
            WHERE type = '{event_type.name}'
        )
    """


ENVELOPE = (
    "position AS event_id",
    "id",
    "account_id",
    "manager_id",
    "make_timestamp(occurred_at) AS occurred_at",
    "make_timestamp(recorded_at) AS recorded_at",
    "source",
)


def _as_json_type(kind: str) -> object:
    """Return how ``json_transform`` is told of a column's type."""
    if kind.endswith("[]"):
        return [_as_json_type(kind.removesuffix("[]"))]
    if kind.startswith("MAP("):
        value = kind.removeprefix("MAP(VARCHAR, ").removesuffix(")")
        return f"MAP(VARCHAR, {value})"
    return kind


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(statements(), indent=2))
