"""The book: the SQLite file of values, and the one row that says which state they belong to.

Values and that row change in one transaction, so whoever reads sees one replay or the next,
never a mixture, and never waits for either.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import msgspec
import sqlite_utils

from kamengine.errors import ReplayError
from kamengine.kpi import KPI, SubjectType
from kamengine.periods import Window
from kamengine.value import Status, Value

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

FORMAT = 3
"""Raised when older files of values can't be built on; they are derived, so they are made anew."""

EMPTY = """
DROP TABLE IF EXISTS "values";
DROP TABLE IF EXISTS definitions;
DROP TABLE IF EXISTS windows;
DROP TABLE IF EXISTS head;
"""

SCHEMA = f"""
PRAGMA user_version = {FORMAT};
CREATE TABLE IF NOT EXISTS "values" (
    kpi TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    subject TEXT NOT NULL,
    period TEXT NOT NULL,
    numerator TEXT,
    denominator TEXT,
    count INTEGER NOT NULL,
    value REAL,
    status TEXT NOT NULL,
    reason TEXT,
    PRIMARY KEY (kpi, subject_type, period, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS definitions (
    kpi TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    unit TEXT NOT NULL,
    problem TEXT,
    fingerprint TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS windows (
    period TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    t0 INTEGER NOT NULL,
    t1 INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    state TEXT NOT NULL,
    position INTEGER NOT NULL,
    hash TEXT NOT NULL,
    recorded_at INTEGER,
    as_of INTEGER NOT NULL
) STRICT;
"""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What the values in the book rest on.

    Attributes:
        state: The state file's name.
        position: The last event that was replayed.
        hash: Of that event, in hexadecimal.
        recorded_at: When that event was recorded, in UTC microseconds.
        as_of: Where windows still open were cut, in UTC microseconds.
    """

    state: str
    position: int
    hash: str
    recorded_at: int | None
    as_of: int


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A KPI as the book holds it.

    Attributes:
        kpi: Its id.
        definition: The label that values carry.
        unit: Of its values.
        problem: Why it has no values.
        fingerprint: Of the definition and all that the values in the book rest on.
    """

    kpi: str
    definition: str
    unit: str
    problem: str | None
    fingerprint: str = ""


class Book:
    """Reads the values of a workspace.

    Args:
        path: The SQLite file; it is made when it isn't there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def prepare(self) -> None:
        """Make the file and its tables where they are missing."""
        with self._open() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            connection.executescript(SCHEMA if version == FORMAT else EMPTY + SCHEMA)

    def head(self) -> Head | None:
        """Return what the book rests on, or None before the first replay."""
        if not self.path.exists():
            return None
        with self._open() as connection:
            rows = list(sqlite_utils.Database(connection).query("SELECT * FROM head"))
        return msgspec.convert(rows[0], Head) if rows else None

    def definitions(self) -> dict[str, Definition]:
        """Return the KPIs that the book knows, by id."""
        with self._open() as connection:
            rows = sqlite_utils.Database(connection).query("SELECT * FROM definitions")
            return {row["kpi"]: msgspec.convert(row, Definition) for row in rows}

    def holds(self, window: Window) -> bool:
        """Tell whether values for exactly this window are kept."""
        with self._open() as connection:
            found = connection.execute(
                "SELECT 1 FROM windows WHERE period = ? AND t0 = ? AND t1 = ?",
                (window.period, micros(window.t0), micros(window.t1)),
            ).fetchone()
        return found is not None

    def values(
        self,
        kpi: KPI,
        subject_type: SubjectType,
        period: str | None = None,
        subject: str | None = None,
    ) -> list[Value]:
        """Return the values of a KPI at a grain, by period and subject.

        Args:
            kpi: The KPI.
            subject_type: The grain.
            period: Only this period.
            subject: Only this subject.
        """
        clauses, arguments = ["kpi = ?", "subject_type = ?"], [kpi.id, str(subject_type)]
        for column, wanted in (("period", period), ("subject", subject)):
            if wanted is not None:
                clauses.append(f"{column} = ?")
                arguments.append(wanted)
        query = f'SELECT * FROM "values" WHERE {" AND ".join(clauses)} ORDER BY period, subject'
        with self._snapshot() as connection:
            database = sqlite_utils.Database(connection)
            head = next(iter(database.query("SELECT position FROM head")))["position"]
            wanted_kpi = "SELECT definition FROM definitions WHERE kpi = ?"
            label = next((r["definition"] for r in database.query(wanted_kpi, [kpi.id])), kpi.id)
            return [
                value_of(row, kpi.unit, label, head) for row in database.query(query, arguments)
            ]

    def subjects(self, subject_type: SubjectType) -> list[str]:
        """Return everybody who has a value at a grain."""
        with self._open() as connection:
            rows = connection.execute(
                'SELECT DISTINCT subject FROM "values" WHERE subject_type = ? ORDER BY subject',
                (subject_type,),
            ).fetchall()
        return [row[0] for row in rows]

    def windows(self) -> dict[str, tuple[int, int]]:
        """Return the bounds, in UTC microseconds, of each period kept ready."""
        with self._open() as connection:
            rows = connection.execute("SELECT period, t0, t1 FROM windows").fetchall()
        return {period: (t0, t1) for period, t0, t1 in rows}

    def periods(self, kind: str | None = None) -> list[tuple[str, dt.datetime]]:
        """Return the periods kept ready, with the instant at which each begins, oldest first."""
        where = "" if kind is None else "WHERE kind = ?"
        with self._open() as connection:
            rows = connection.execute(
                f"SELECT period, t0 FROM windows {where} ORDER BY t0, t1",
                () if kind is None else (kind,),
            ).fetchall()
        return [(period, EPOCH + dt.timedelta(microseconds=t0)) for period, t0 in rows]

    @contextlib.contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """Open the file for several questions about one and the same replay."""
        with self._open() as connection:
            connection.execute("BEGIN")
            yield connection

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=30)
        try:
            yield connection
            connection.commit()
        except sqlite3.Error as error:
            raise ReplayError(
                f"The values can't be read ({error})",
                where=str(self.path),
                hint="the file is derived: delete it and run `kamengine replay`",
            ) from error
        finally:
            connection.close()


def head_statements(
    head: Head, windows: Sequence[Window], definitions: Iterable[Definition]
) -> list[str]:
    """Return the statements that make the book rest on another state."""
    windows_json: list[list[object]] = [
        [w.period, w.kind, micros(w.t0), micros(w.t1)] for w in windows
    ]
    definitions_json: list[list[object]] = [
        [d.kpi, d.definition, d.unit, d.problem, d.fingerprint] for d in definitions
    ]
    return [
        "DELETE FROM windows",
        _insert_json("windows", windows_json, 4),
        "DELETE FROM definitions",
        _insert_json("definitions", definitions_json, 5),
        "DELETE FROM head",
        "INSERT INTO head VALUES"
        f" (1, '{head.state}', {head.position}, '{head.hash}',"
        f" {'NULL' if head.recorded_at is None else head.recorded_at}, {head.as_of})",
    ]


def micros(instant: dt.datetime) -> int:
    """Return an aware instant as UTC microseconds."""
    return (instant - EPOCH) // dt.timedelta(microseconds=1)


def decimal_of(number: object) -> Decimal | None:
    """Return an exact number without trailing zeros, or None."""
    if number is None:
        return None
    text = f"{Decimal(str(number)):f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _insert_json(table: str, rows: list[list[object]], width: int) -> str:
    text = json.dumps(rows).replace("'", "''")
    columns = ", ".join(f"value ->> {i}" for i in range(width))
    return f"INSERT INTO {table} SELECT {columns} FROM json_each('{text}')"


def value_of(row: dict[str, object], unit: str, definition: str, position: int) -> Value:
    """Return a row of the book as a value."""
    return Value(
        kpi=str(row["kpi"]),
        subject_type=msgspec.convert(row["subject_type"], SubjectType),
        subject=str(row["subject"]),
        period=str(row["period"]),
        value=msgspec.convert(row["value"], float | None),
        numerator=decimal_of(row["numerator"]),
        denominator=decimal_of(row["denominator"]),
        count=msgspec.convert(row["count"], int),
        unit=unit,
        status=msgspec.convert(row["status"], Status),
        reason=msgspec.convert(row["reason"], str | None),
        definition=definition,
        log_position=position,
    )
