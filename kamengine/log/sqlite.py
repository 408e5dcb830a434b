"""The event log in SQLite: one table that only ever grows."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from kamengine.errors import ConflictingEventError, CorruptLogError, EventError, LogError
from kamengine.log import chain, schema
from kamengine.log.content import FIELDS, differences
from kamengine.log.contract import (
    EventFilter,
    EventLog,
    Head,
    NewEvent,
    Receipt,
    Refusal,
    StoredEvent,
    Transaction,
)
from kamengine.log.instants import Clock, format_instant, micros, utc_now
from kamengine.vocabulary import OWN

PAGE = 5_000
"""Events read at a time; between pages no connection is open."""

SLICE = 1_000
"""Events that are hashed and inserted together: they fit a processor's cache."""

BLOCK = 500
"""Rows that one statement inserts: the cost of running a statement is shared among them."""

MAX_POSITION = 2**63 - 1

_WIDTH = len(schema.COLUMNS)
_VALUES = f"({', '.join('?' * _WIDTH)})"
_INSERT = f"INSERT INTO events VALUES {_VALUES}"
_INSERT_BLOCK = f"INSERT INTO events VALUES {', '.join([_VALUES] * BLOCK)}"
_ALL = f"SELECT {', '.join(schema.COLUMNS)} FROM events"
_LAST = """
SELECT position, hash, recorded_at
FROM events
WHERE position <= ?
ORDER BY position DESC
LIMIT 1
"""
_KNOWN = f"""
SELECT id, position, recorded_at, {", ".join(FIELDS)}
FROM events
WHERE id IN (SELECT value FROM json_each(?))
"""
_FOUND = f"{_ALL} WHERE id IN (SELECT value FROM json_each(?))"
_CONDITIONS = {
    "type": "type = :type",
    "account_id": "account_id = :account_id",
    "manager_id": "manager_id = :manager_id",
    "source": "source = :source",
    "since": "occurred_at >= :since",
    "until": "occurred_at < :until",
}


_RECORDS = f"""
{_ALL}
WHERE {schema.IS_OWN}
    AND type IN (SELECT value FROM json_each(:types))
    AND (:upto IS NULL OR position <= :upto)
ORDER BY position
"""
_RECORDED_AT = "SELECT recorded_at FROM events WHERE position = ?"
_IDS = """
SELECT events.position, events.id
FROM json_each(?) AS wanted
INNER JOIN events ON events.position = wanted.value
"""


class SQLiteEventLog(EventLog):
    """An event log in a SQLite file.

    The file is open only inside a call or a transaction: another SQLite library may read the
    same file in another process, and two of them in one process would drop each other's locks.

    Args:
        path: The file; the first append creates it.
        clock: Tells the present instant.
    """

    def __init__(self, path: Path, clock: Clock = utc_now) -> None:
        self.path = path
        self._clock = clock

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction; see `EventLog.transaction`."""
        with schema.opened(self.path) as connection:
            schema.index_own(connection)
            transaction = _SQLiteTransaction(connection, self._clock)
            try:
                yield transaction
                transaction.commit()
            except BaseException:
                transaction.rollback()
                raise

    def head(self, upto: int | None = None) -> Head:
        """Return where the log ends, or where it ended when it was shorter."""
        if not schema.exists(self.path):
            return Head()
        with schema.opened(self.path) as connection:
            return _head(connection, upto)

    def get(self, event_id: str) -> StoredEvent | None:
        """Return the event of an id, or None where there is none."""
        if not schema.exists(self.path):
            return None
        with schema.opened(self.path) as connection:
            row = connection.execute(f"{_ALL} WHERE id = ?", (event_id,)).fetchone()
        return _stored(row) if row else None

    def events(self, where: EventFilter | None = None) -> Iterator[StoredEvent]:
        """Yield events in the order of their positions; see `EventLog.events`."""
        where = where or EventFilter()
        end = self.head().position
        wanted = msgspec.structs.asdict(where)
        conditions = [sql for field, sql in _CONDITIONS.items() if wanted[field] is not None]
        if where.type in OWN:
            conditions.append(schema.IS_OWN)
        sql = " AND ".join([f"{_ALL} WHERE position > :after AND position <= :end", *conditions])
        after = where.after
        while after < end:
            with schema.opened(self.path) as connection:
                rows = connection.execute(
                    f"{sql} ORDER BY position LIMIT {PAGE}", {**wanted, "after": after, "end": end}
                ).fetchall()
            yield from map(_stored, rows)
            after = rows[-1][0] if len(rows) == PAGE else end

    def records(self, types: Collection[str], upto: int | None = None) -> Iterator[StoredEvent]:
        """Yield the engine's own records of some types; see `EventLog.records`."""
        if not schema.exists(self.path):
            return
        wanted = msgspec.json.encode(sorted(types)).decode()
        with schema.opened(self.path) as connection:
            rows = connection.execute(_RECORDS, {"types": wanted, "upto": upto}).fetchall()
        yield from map(_stored, rows)

    def position_at(self, instant: int) -> int:
        """Return the position of the last event recorded before an instant, or 0."""
        if not schema.exists(self.path):
            return 0
        with schema.opened(self.path) as connection:
            low, high = 0, _head(connection).position
            while low < high:  # positions have no gap, and recorded_at never decreases along them
                middle = (low + high + 1) // 2
                (recorded,) = connection.execute(_RECORDED_AT, (middle,)).fetchone()
                low, high = (middle, high) if recorded < instant else (low, middle - 1)
        return low

    def ids(self, positions: Collection[int]) -> dict[int, str]:
        """Map positions to the ids of the events there; see `EventLog.ids`."""
        if not schema.exists(self.path):
            return {}
        wanted = msgspec.json.encode(sorted(positions)).decode()
        with schema.opened(self.path) as connection:
            return dict(connection.execute(_IDS, (wanted,)).fetchall())

    def ids_where(self, condition: str, limit: int = 1_000) -> list[str]:
        """Return the ids of events that fulfil a condition; see `EventLog.ids_where`."""
        if not schema.exists(self.path):
            return []
        query = f"SELECT id FROM events WHERE {condition} ORDER BY position LIMIT {limit:d}"
        with schema.opened(self.path) as connection:
            return [row[0] for row in connection.execute(query)]

    def verify(self) -> Head:
        """Recompute the whole chain and return where it ends; see `EventLog.verify`."""
        if not schema.exists(self.path):
            raise LogError("There is no log here", where=str(self.path), hint="append events first")
        with schema.opened(self.path) as connection:
            try:
                return chain.check(_rows(connection))
            except CorruptLogError as error:
                error.where = str(self.path)
                raise


class _SQLiteTransaction(Transaction):
    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._head = Head()

    def append(self, batch: Sequence[NewEvent]) -> Receipt:
        """Take a batch: first as if all of it were new, and with care only if it isn't."""
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")
            self._head = _head(self._connection)
        now = max(micros(self._clock()), self._head.recorded_at)
        try:
            self._insert(batch, now)
        except (sqlite3.IntegrityError, chain.OutOfOrderError):
            fresh, duplicates, refusals = self._sort_out(batch, now)
            self._insert(fresh, now)
            return Receipt(len(fresh), duplicates, tuple(refusals), self._head)
        return Receipt(len(batch), 0, (), self._head)

    def find(self, ids: Collection[str]) -> dict[str, StoredEvent]:
        """Return the events of some ids; see `Transaction.find`."""
        wanted = msgspec.json.encode(sorted(ids)).decode()
        rows = self._connection.execute(_FOUND, (wanted,))
        return {event.id: event for event in map(_stored, rows)}

    def commit(self) -> None:
        """Keep for good what was appended so far; see `Transaction.commit`."""
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def rollback(self) -> None:
        """Undo what was appended since the last commit."""
        if self._connection.in_transaction:  # a full disk makes SQLite roll back by itself
            self._connection.execute("ROLLBACK")

    def _insert(self, batch: Sequence[NewEvent], now: int) -> None:
        """Insert a whole batch or nothing of it."""
        head = self._head
        self._connection.execute("SAVEPOINT batch")
        try:
            for start in range(0, len(batch), SLICE):
                head, rows = chain.extend(head, batch[start : start + SLICE], now)
                self._run(rows)
        except (sqlite3.IntegrityError, chain.OutOfOrderError):
            self._connection.execute("ROLLBACK TO batch")
            raise
        self._connection.execute("RELEASE batch")
        self._head = head

    def _run(self, rows: chain.Parameters) -> None:
        step = BLOCK * _WIDTH
        whole = len(rows) - len(rows) % step
        execute = self._connection.execute
        for start in range(0, whole, step):
            execute(_INSERT_BLOCK, rows[start : start + step])
        for start in range(whole, len(rows), _WIDTH):
            execute(_INSERT, rows[start : start + _WIDTH])

    def _sort_out(
        self, batch: Sequence[NewEvent], now: int
    ) -> tuple[list[NewEvent], int, list[Refusal]]:
        """Part a batch into what is new, what was there (counted), and what is refused."""
        known = self._known(batch)
        position, latest = self._head.position, self._head.recorded_at
        fresh: list[NewEvent] = []
        refusals: list[Refusal] = []
        for index, event in enumerate(batch):
            content, recorded = _content(event), now if event[6] is None else event[6]
            if event[0] in known:
                if fields := differences(known[event[0]][2:], content):
                    refusals.append(Refusal(index, _conflict(event[0], known[event[0]], fields)))
            elif recorded < latest:
                refusals.append(Refusal(index, _too_early(recorded, latest)))
            else:
                position, latest = position + 1, recorded
                known[event[0]] = (position, recorded, *content)
                fresh.append(event)
        return fresh, len(batch) - len(fresh) - len(refusals), refusals

    def _known(self, batch: Sequence[NewEvent]) -> dict[str, tuple[object, ...]]:
        """Map each id of a batch that the log has to position, ``recorded_at`` and content."""
        ids = msgspec.json.encode([event[0] for event in batch]).decode()
        return {row[0]: row[1:] for row in self._connection.execute(_KNOWN, (ids,))}


def _content(event: NewEvent) -> tuple[object, ...]:
    """Return the values of `FIELDS`."""
    return (*event[1:6], *event[7:])


def _conflict(
    event_id: str, known: tuple[object, ...], fields: Sequence[str]
) -> ConflictingEventError:
    position, recorded = known[:2]
    return ConflictingEventError(
        f"The event at position {position}, recorded {format_instant(int(str(recorded)))}, "
        f"has the same id with another {', another '.join(fields)}",
        value=event_id,
        hint="give a new fact an id of its own; a wrong event is corrected by a new one",
    )


def _too_early(recorded: int, latest: int) -> EventError:
    return EventError(
        f"recorded_at is before {format_instant(latest)}, when the event ahead of it was recorded",
        value=format_instant(recorded),
        hint="append in the order of recorded_at, or leave it out",
    )


def _rows(connection: sqlite3.Connection) -> Iterator[chain.Row]:
    """Yield every row; where one can't be read, say which."""
    position = 0
    try:
        for row in connection.execute(f"{_ALL} ORDER BY position"):
            yield row
            position = row[0]
    except sqlite3.DatabaseError as error:
        # SQLite gives a text that isn't UTF-8 no code
        if getattr(error, "sqlite_errorcode", None) in {None, sqlite3.SQLITE_CORRUPT}:
            raise CorruptLogError(
                f"The event at position {position + 1} can't be read", hint=chain.HINT
            ) from error
        raise


def _head(connection: sqlite3.Connection, upto: int | None = None) -> Head:
    row = connection.execute(_LAST, (MAX_POSITION if upto is None else upto,)).fetchone()
    return Head(*row) if row else Head()


def _stored(row: chain.Row) -> StoredEvent:
    return StoredEvent(*row)
