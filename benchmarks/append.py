"""The limit for appending: a bare ``executemany`` into the log's own table.

The table, its triggers and indexes, the pragmas and the size of a transaction are the log's. The
rows are ready tuples with their hashes, made while the clock stands still.

    python -m benchmarks.append EVENTS.jsonl NEW.db
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import msgspec

from benchmarks.result import Result, tell
from kamengine.log import schema
from kamengine.log.loading import BATCH

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
INSERT = f"INSERT INTO events VALUES ({', '.join('?' * len(schema.COLUMNS))})"

Row: TypeAlias = tuple[int | str | bytes | None, ...]


class Line(msgspec.Struct):
    """An event as the simulation writes it."""

    id: str
    type: str
    occurred_at: datetime
    source: str
    data: msgspec.Raw
    version: int = 1
    account_id: str | None = None
    manager_id: str | None = None


def main(events: Path, database: Path) -> None:
    """Insert all events into a new database and tell how long the inserting took."""
    count, preparing, start = 0, 0.0, time.perf_counter()
    with schema.opened(database) as connection:
        for batch, seconds in prepared(events):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(INSERT, batch)
            connection.execute("COMMIT")
            count, preparing = count + len(batch), preparing + seconds
    tell(Result(seconds=time.perf_counter() - start - preparing, events=count))


def prepared(events: Path) -> Iterator[tuple[list[Row], float]]:
    """Yield a transaction's rows at a time, and the seconds that it took to make them."""
    rows = _rows(events)
    while True:
        start = time.perf_counter()
        batch = list(islice(rows, BATCH))
        if not batch:
            return
        yield batch, time.perf_counter() - start


def _rows(events: Path) -> Iterator[Row]:
    decode, encode = msgspec.json.Decoder(Line).decode, msgspec.msgpack.Encoder().encode
    recorded, previous = (datetime.now(UTC) - EPOCH) // MICROSECOND, bytes(32)
    with events.open("rb") as file:
        for position, line in enumerate(file, 1):
            event = decode(line)
            row = (
                position,
                event.id,
                event.type,
                event.version,
                event.account_id,
                event.manager_id,
                (event.occurred_at - EPOCH) // MICROSECOND,
                recorded,
                event.source,
                str(event.data, "utf-8"),
            )
            previous = sha256(previous + encode(row)).digest()
            yield (*row, previous)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
