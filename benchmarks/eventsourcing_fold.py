"""The same log through the ``eventsourcing`` library: its recorder, its mapper, a fold in Python.

Each account is a sequence of domain events; what belongs to no account is a sequence of its own.
``write`` stores them with the library's mapper and JSON transcoder. ``fold`` is what is measured:
it reads all of them back in pages of notifications, maps each to a domain event, folds it, and
stores the values that come of them; see `benchmarks.fold` for what these are.

    python -m benchmarks.eventsourcing_fold write EVENTS.jsonl NEW.db
    python -m benchmarks.eventsourcing_fold fold EVENTS.db NEW-VALUES.db
"""

from __future__ import annotations

import gc
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from eventsourcing.domain import DomainEvent
from eventsourcing.persistence import DatetimeAsISO, JSONTranscoder, Mapper
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from benchmarks.fold.fold import Fold
from benchmarks.result import Result, tell
from benchmarks.selection import AS_OF, SETTINGS

PAGE = 10_000


@dataclass(frozen=True)
class Happened(DomainEvent):
    """Any event of the log."""

    id: str
    type: str
    account_id: str | None
    manager_id: str | None
    data: dict[str, Any]


def main(command: str, *files: str) -> None:
    """Write a store, or fold one and tell how long that took."""
    gc.disable()  # nothing here is ever garbage, and looking for it takes a third of the time
    start = time.perf_counter()
    if command == "write":
        events = write(Path(files[0]), recorder_of(files[1]))
    else:
        events = fold(recorder_of(files[0]), Path(files[1]))
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


def fold(recorder: SQLiteApplicationRecorder, values: Path) -> int:
    """Fold all stored events into a file of values and return how many events there are."""
    calendar = SETTINGS.calendar
    cut = calendar.as_of(AS_OF, datetime.now(UTC))
    state, position = Fold(calendar.time_zone, cut, SETTINGS.reporting_currency), 0
    for position, event in read(recorder):
        state.take(
            event.type,
            event.account_id,
            event.manager_id,
            event.timestamp,
            event.id,
            position,
            event.data,
        )
    state.finish(values)
    return position


def read(recorder: SQLiteApplicationRecorder) -> Iterator[tuple[int, Happened]]:
    """Yield all events in the order in which they were stored, with their positions."""
    mapper, after = mapper_of(), 0
    while page := recorder.select_notifications(after, PAGE, inclusive_of_start=False):
        after = page[-1].id
        for notification in page:
            yield notification.id, mapper.to_domain_event(notification)


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
            id=event["id"],
            type=event["type"],
            account_id=event.get("account_id"),
            manager_id=event.get("manager_id"),
            data=event["data"],
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
