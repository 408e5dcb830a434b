"""Events on their way out: as JSON lines, CloudEvents or Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import msgspec

from kamengine.log import cloudevents
from kamengine.log.contract import NewEvent, StoredEvent
from kamengine.log.instants import format_instant

ROW_GROUP = 50_000
"""Events in a row group of a Parquet file: as many are held in memory."""


class Line(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An event as a line of JSON: what `events append` takes."""

    id: str
    type: str
    version: int = 1
    account_id: str | None = None
    manager_id: str | None = None
    occurred_at: str
    recorded_at: str | None = None
    source: str | None = None
    data: msgspec.Raw


def line_of(event: NewEvent) -> bytes:
    """Write an event that isn't in the log as the line that would bring it there."""
    id_, type_, version, account, manager, occurred, recorded, source, data = event
    return msgspec.json.encode(
        Line(
            id=id_,
            type=type_,
            version=version,
            account_id=account,
            manager_id=manager,
            occurred_at=format_instant(occurred),
            recorded_at=None if recorded is None else format_instant(recorded),
            source=source,
            data=msgspec.Raw(data.encode()),
        )
    )


def json_lines(events: Iterable[StoredEvent]) -> Iterator[bytes]:
    """Yield each event as a line that brings the same event into another log."""
    for e in events:
        yield line_of(
            (
                e.id,
                e.type,
                e.version,
                e.account_id,
                e.manager_id,
                e.occurred_at,
                e.recorded_at,
                e.source,
                e.data,
            )
        )


def cloud_event_lines(events: Iterable[StoredEvent]) -> Iterator[bytes]:
    """Yield each event as a CloudEvent on a line."""
    for event in events:
        yield msgspec.json.encode(cloudevents.from_stored(event))


def write_lines(lines: Iterable[bytes], out: BinaryIO) -> int:
    """Write lines with their ends and return how many they were."""
    count = 0
    for line in lines:
        out.write(line + b"\n")
        count += 1
    return count


def write_parquet(events: Iterable[StoredEvent], path: Path) -> int:
    """Write events as a Parquet file with the log's columns and return how many they were."""
    import pyarrow as pa  # noqa: PLC0415 - a heavy library that only this needs
    from pyarrow import parquet  # noqa: PLC0415

    instant = pa.timestamp("us", tz="UTC")
    schema = pa.schema(
        [
            ("position", pa.int64()),
            ("id", pa.string()),
            ("type", pa.string()),
            ("version", pa.int64()),
            ("account_id", pa.string()),
            ("manager_id", pa.string()),
            ("occurred_at", instant),
            ("recorded_at", instant),
            ("source", pa.string()),
            ("data", pa.string()),
            ("hash", pa.binary()),
        ]
    )
    count, remaining = 0, iter(events)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(remaining, ROW_GROUP)):
            columns = [[getattr(event, name) for event in group] for name in schema.names]
            arrays = [pa.array(c, type=f.type) for c, f in zip(columns, schema, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(group)
    return count
