"""The first statements of the limit: one for each event type, from log rows to typed facts.

python -m benchmarks.decoding STATEMENTS.json
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from benchmarks.result import Result, tell
from kamengine import sql
from kamengine.event import EventType, columns_of, defaults_of, keys_of
from kamengine.plugins import load

ENVELOPE = (
    "event_id",
    "id",
    "account_id",
    "manager_id",
    "occurred_at",
    "recorded_at",
    "source",
)


def statements() -> list[str]:
    """Return the statements that make a fact table of each registered event type."""
    return [_decode(event_type) for _, event_type in sorted(load().fact_types.items())]


def _decode(event_type: EventType) -> str:
    """Return the statement for one type; what is of an older version is upcast step by step."""
    versions = range(1, event_type.version + 1)
    parts = " UNION ALL BY NAME ".join(_facts(event_type, version) for version in versions)
    return f"CREATE TABLE {event_type.table} AS {parts}"


def _facts(event_type: EventType, version: int) -> str:
    """Return the rows that were written in one version, with the columns of the present one."""
    query = _payloads(event_type, version)
    for upcast in event_type.upcasts[version - 1 :]:
        after = event_type.data_of(upcast.version + 1) or event_type.data
        kept = {name: name for name in columns_of(upcast.data)}
        made = {**kept, **upcast.columns}
        columns = [f"{made.get(name, 'NULL')} AS {name}" for name in columns_of(after)]
        query = f"SELECT {', '.join([*ENVELOPE, *columns])} FROM ({query})"
    return query


def _payloads(event_type: EventType, version: int) -> str:
    data = event_type.data_of(version) or event_type.data
    kinds, defaults = columns_of(data), defaults_of(data)
    keys = keys_of(data)
    columns = [_column(n, keys[n], kind, defaults.get(n)) for n, kind in kinds.items()]
    structure = json.dumps({keys[n]: k for n, k in kinds.items()} or {"nothing": "VARCHAR"})
    only = f"AND version = {version}" if event_type.upcasts else ""
    return f"""
        SELECT {", ".join([*ENVELOPE, *columns])}
        FROM (
            SELECT position AS event_id, * REPLACE (
                make_timestamp(occurred_at) AS occurred_at,
                make_timestamp(recorded_at) AS recorded_at,
                json_transform(data, '{structure}') AS data
            )
            FROM log
            WHERE type = '{event_type.name}' {only}
        )
    """


def _column(name: str, key: str, kind: str, default: object) -> str:
    value = f"data['{key}']"
    if kind == "TIMESTAMPTZ":
        value = f"timezone('UTC', {value})"
    if kind.endswith("[]"):
        value = f"coalesce({value}, [])"
    if default is not None:
        value = f"coalesce({value}, {sql.literal(default).sql(dialect=sql.DIALECT)})"
    return f"{value} AS {name}"


def main(file: Path) -> None:
    """Write the statements down."""
    start = time.perf_counter()
    file.write_text(json.dumps(statements(), indent=2))
    tell(Result(seconds=time.perf_counter() - start, events=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
