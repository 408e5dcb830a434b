"""The book: the SQLite file of values, and the one row that says which state they belong to.

Values and that row change in one transaction, so whoever reads sees one replay or the next,
never a mixture, and never waits for either.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from kamengine.errors import ReplayError
from kamengine.kpi import KPI, SubjectType
from kamengine.periods import Window
from kamengine.replay import schema
from kamengine.value import Status, Value

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

ALWAYS = -(2**62)
"""Before every period, in UTC microseconds."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What the values in the book rest on.

    Attributes:
        state: The state file's name.
        position: The last event that was replayed.
        hash: Of that event, in hexadecimal.
        recorded_at: When that event was recorded, in UTC microseconds.
        as_of: Where windows still open were cut, in UTC microseconds.
        declared: What vouches for the definitions replayed; see `vouching`.
        settled: What vouches for the settings that they were bound to.
    """

    state: str
    position: int
    hash: str
    recorded_at: int | None
    as_of: int
    declared: str = ""
    settled: str = ""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """A KPI as the book holds it, for periods that begin from some day on.

    Attributes:
        kpi: Its id.
        since: Where the first of these periods may begin, in UTC microseconds.
        definition: The label that values carry.
        unit: Of its values.
        problem: Why it has no values.
        fingerprint: Of the definition and all that the values in the book rest on.
        facts: The tables of the event types that it reads, be it by way of projections or of
            other KPIs.
    """

    kpi: str
    since: int = ALWAYS
    definition: str
    unit: str
    problem: str | None
    fingerprint: str = ""
    facts: tuple[str, ...] = ()


class Attributes(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an account from a moment on, until something else is.

    Attributes:
        account_id: Which.
        valid_from: The moment, in UTC microseconds.
        known: Segment, tier, industry and region, as far as the vocabulary tells them.
    """

    account_id: str
    valid_from: int
    known: dict[str, str | None]


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
            older = "" if version == schema.FORMAT else schema.dropping(connection)
            connection.executescript(older + schema.SCHEMA)

    def head(self) -> Head | None:
        """Return what the book rests on, or None before the first replay."""
        if not self.path.exists():
            return None
        with self._open() as connection:
            rows = list(named_rows(connection, "SELECT * FROM head"))
        return msgspec.convert(rows[0], Head) if rows else None

    def head_if_readable(self) -> Head | None:
        """Return what the book rests on; None where it can't be told, be it of another format."""
        with contextlib.suppress(ReplayError, msgspec.ValidationError):
            return self.head()
        return None

    def definitions(self, t0: int | None = None) -> dict[str, Definition]:
        """Return the KPIs that the book knows, by id.

        Args:
            t0: As they are for periods that begin there, in UTC microseconds; None for the
                newest periods.
        """
        return {kpi: _at(rows, t0) for kpi, rows in self.history().items()}

    def history(self) -> dict[str, list[Definition]]:
        """Return how the values of each KPI are made, oldest periods first."""
        query = "SELECT * FROM definitions ORDER BY kpi, since"
        found: dict[str, list[Definition]] = {}
        with self._open() as connection:
            for row in named_rows(connection, query):
                told = row | {"facts": tuple((row.get("facts") or "").split())}
                found.setdefault(row["kpi"], []).append(msgspec.convert(told, Definition))
        return found

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
        asked = {"kpi": kpi.id, "subject_type": subject_type, "period": period, "subject": subject}
        where, wanted = narrowed(asked)
        query = f'SELECT * FROM "values" WHERE {where} ORDER BY period, subject'
        with self._snapshot() as connection:
            (head,) = connection.execute("SELECT position FROM head").fetchone()
            labels = _labels(connection, kpi.id)
            return [
                value_of(row, kpi.unit, labels(str(row["period"])), head)
                for row in named_rows(connection, query, wanted)
            ]

    def series(
        self,
        kpis: Iterable[str],
        subject_type: SubjectType,
        periods: Sequence[str],
        subject: str | None = None,
    ) -> dict[tuple[str, str], dict[str, float]]:
        """Return the values of several KPIs over several periods, by KPI and subject.

        Args:
            kpis: Their ids.
            subject_type: The grain.
            periods: As written on the command line.
            subject: Only this subject.
        """
        names, told = sorted(kpis), "" if subject is None else "AND subject = ?"
        query = f"""
            SELECT kpi, subject, period, value FROM "values"
            WHERE kpi IN ({", ".join("?" * len(names))}) AND subject_type = ?
                AND period IN ({", ".join("?" * len(periods))}) {told} AND value IS NOT NULL
        """
        asked = [*names, subject_type, *periods, *([] if subject is None else [subject])]
        found: dict[tuple[str, str], dict[str, float]] = {}
        with self._open() as connection:
            for kpi, whose, period, value in connection.execute(query, asked):
                found.setdefault((kpi, whose), {})[period] = value
        return found

    def subjects(self, subject_type: SubjectType) -> list[str]:
        """Return everybody who has a value at a grain."""
        with self._open() as connection:
            rows = connection.execute(
                'SELECT DISTINCT subject FROM "values" WHERE subject_type = ? ORDER BY subject',
                (subject_type,),
            ).fetchall()
        return [row[0] for row in rows]

    def attributes(self, moment: dt.datetime) -> dict[str, dict[str, str | None]]:
        """Return what is known of every account at a moment.

        What is known of one that isn't there yet is what will be known of it first.
        """
        query = "SELECT account_id, valid_from, known FROM accounts ORDER BY account_id, valid_from"
        at, found = micros(moment), dict[str, str]()
        with self._open() as connection:
            for account, since, known in connection.execute(query):
                if since <= at or account not in found:
                    found[account] = known
        return {account: json.loads(known) for account, known in found.items()}

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
        return [(period, instant(t0)) for period, t0 in rows]

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


def micros(instant: dt.datetime) -> int:
    """Return an aware instant as UTC microseconds."""
    return (instant - EPOCH) // dt.timedelta(microseconds=1)


def instant(micros: int) -> dt.datetime:
    """Return UTC microseconds as an aware instant."""
    return EPOCH + dt.timedelta(microseconds=micros)


def decimal_of(number: object) -> Decimal | None:
    """Return an exact number without trailing zeros, or None."""
    if number is None:
        return None
    text = f"{Decimal(str(number)):f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _at(rows: Sequence[Definition], t0: int | None) -> Definition:
    return next((d for d in reversed(rows) if t0 is None or d.since <= t0), rows[0])


def _labels(connection: sqlite3.Connection, kpi: str) -> Callable[[str], str]:
    """Return what tells the label that a KPI's values carry in a period."""
    query = "SELECT since, definition FROM definitions WHERE kpi = ? ORDER BY since DESC"
    rows = connection.execute(query, [kpi]).fetchall()
    if len(rows) <= 1:
        return lambda _: rows[0][1] if rows else kpi
    starts = dict(connection.execute("SELECT period, t0 FROM windows").fetchall())
    return lambda period: next(label for since, label in rows if since <= starts[period])


def narrowed(asked: Mapping[str, str | None]) -> tuple[str, dict[str, str]]:
    """Return the condition that columns are as asked, and its arguments; None asks for nothing."""
    wanted = {column: value for column, value in asked.items() if value is not None}
    return " AND ".join(f"{column} = :{column}" for column in wanted), wanted


def named_rows(
    connection: sqlite3.Connection,
    query: str,
    arguments: Sequence[object] | Mapping[str, object] = (),
) -> Iterator[dict[str, Any]]:
    """Yield the rows of a query, each by the names of its columns."""
    found = connection.execute(query, arguments)
    names = [column[0] for column in found.description]
    return (dict(zip(names, row, strict=True)) for row in found)


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
