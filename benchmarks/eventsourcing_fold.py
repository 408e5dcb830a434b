"""The same log through the ``eventsourcing`` library: its recorder, its mapper, a fold in Python.

Each account is a sequence of domain events; what belongs to no account is a sequence of its own.
``write`` stores them with the library's mapper and JSON transcoder. ``fold`` is what is measured:
it reads all of them back in pages of notifications, maps each to a domain event, and folds it.

    python -m benchmarks.eventsourcing_fold write EVENTS.jsonl NEW.db
    python -m benchmarks.eventsourcing_fold fold EVENTS.db
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import DatetimeAsISO, JSONTranscoder, Mapper
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from benchmarks.fold import Fold
from benchmarks.result import Result, tell

PAGE = 10_000


@dataclass(frozen=True)
class Happened(DomainEvent):
    """Any event of the log."""

    type: str
    account_id: str | None
    manager_id: str | None
    data: dict[str, object]


def main(command: str, *files: str) -> None:
    """Write a store, or fold one and tell how long that took."""
    recorder = recorder_of(files[-1])
    start = time.perf_counter()
    events = write(Path(files[0]), recorder) if command == "write" else fold(recorder)
    tell(Result(seconds=time.perf_counter() - start, events=events))


def recorder_of(file: str) -> SQLiteApplicationRecorder:
    """Return the library's recorder for a file, with its table made."""
    recorder = SQLiteApplicationRecorder(SQLiteDatastore(file))
    recorder.create_table()
    return recorder


def mapper_of() -> Mapper[UUID]:
    """Return the library's mapper over its JSON transcoder."""
    transcoder = JSONTranscoder()
    transcoder.register(DatetimeAsISO())
    return Mapper(transcoder)


def write(events: Path, recorder: SQLiteApplicationRecorder) -> int:
    """Store all events of a file and return how many there are."""
    mapper, count = mapper_of(), 0
    with events.open("rb") as file:
        stored = (mapper.to_stored_event(event) for event in _domain_events(file))
        while page := list(islice(stored, PAGE)):
            recorder.insert_events(page)
            count += len(page)
    return count


def fold(recorder: SQLiteApplicationRecorder) -> int:
    """Fold all stored events and return how many there are."""
    months, count = Fold(), 0
    for event in read(recorder):
        months.take(event.type, event.account_id, event.timestamp, event.data)
        count += 1
    months.finish()
    return count


def read(recorder: SQLiteApplicationRecorder) -> Iterator[Happened]:
    """Yield all events in the order in which they were stored."""
    mapper, after = mapper_of(), 0
    while page := recorder.select_notifications(after, PAGE, inclusive_of_start=False):
        after = page[-1].id
        yield from map(mapper.to_domain_event, page)


def _domain_events(lines: Iterator[bytes]) -> Iterator[Happened]:
    versions: dict[str, int] = defaultdict(int)
    for line in lines:
        event = msgspec.json.decode(line)
        name = event.get("account_id") or ""
        versions[name] += 1
        yield Happened(
            originator_id=uuid5(NAMESPACE_URL, name),
            originator_version=versions[name],
            timestamp=datetime.fromisoformat(event["occurred_at"]),
            type=event["type"],
            account_id=event.get("account_id"),
            manager_id=event.get("manager_id"),
            data=event["data"],
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
