"""The attic of the book: the values of KPIs that aren't in force any more.

No replay makes them anew, for it goes by what is in force. So they are kept as they were when a
replay first missed their KPI, with the definition that they were computed by. What comes back is
computed like any other KPI, and leaves the attic.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from kamengine.engine.session import listed, quote
from kamengine.kpi import KPI, SubjectType
from kamengine.replay.book import EPOCH, Book, narrowed, value_of
from kamengine.value import Value

if TYPE_CHECKING:
    import sqlite_utils

SCHEMA = """
CREATE TABLE IF NOT EXISTS declared_kpis (
    kpi TEXT PRIMARY KEY,
    declaration TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS retired_kpis (
    kpi TEXT PRIMARY KEY,
    definition TEXT NOT NULL,
    unit TEXT NOT NULL,
    position INTEGER NOT NULL,
    as_of INTEGER NOT NULL,
    declaration TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS retired_values (
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
"""
"""These tables outlive a change of the book's format: nothing can bring back what is in them."""

NEWEST = "SELECT max(d.since) FROM definitions AS d WHERE d.kpi = definitions.kpi"
"""Where earlier periods keep a definition of their own, what a KPI was is what it was last."""

COLUMNS = "kpi, subject_type, subject, period, numerator, denominator, count, value, status, reason"


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to know of a KPI without its pack.

    Attributes:
        version: As its author counted.
        title: The name that people read.
        doc: Its documentation.
        family: Where it belonged.
        timing: Whether it ran ahead of results or recorded them.
        kind: Whether it measured activity or an objective.
        unit: Of its values.
        better: Which way was better.
        value: How evidence became a value.
        params: Its parameters as they were set.
        sql: Its query as it was run, parameters bound; empty for a formula.
        pack: The pack that registered it; empty where none did that was ever installed here.
    """

    version: int
    title: str
    doc: str
    family: str
    timing: str
    kind: str
    unit: str
    better: str
    value: dict[str, object]
    params: dict[str, object]
    sql: str
    pack: str


class Retired(msgspec.Struct, frozen=True, kw_only=True):
    """A KPI that isn't in force any more.

    Attributes:
        kpi: Its id.
        definition: The label that its values carry.
        unit: Of its values.
        position: The last event that they know of.
        as_of: Where windows then open were cut.
        declaration: What it was; None where no replay took that down.
    """

    kpi: str
    definition: str
    unit: str
    position: int
    as_of: dt.datetime
    declaration: Declaration | None


class Attic(Book):
    """Keeps and reads what the book has of KPIs that are gone."""

    def prepare(self) -> None:
        """Make the tables where they are missing; the book's own must be there."""
        with self._open() as connection:
            connection.executescript(SCHEMA)

    def find(self, kpi: str) -> Retired | None:
        """Return a KPI that is gone, or None where there are no values of it."""
        if not self.path.exists():
            return None
        with self._reading() as database:
            retired = database.table("retired_kpis")
            if not retired.exists():
                return None
            return next((_retired(row) for row in retired.rows_where("kpi = ?", [kpi])), None)

    def kept(
        self,
        retired: Retired,
        subject_type: SubjectType,
        period: str | None = None,
        subject: str | None = None,
    ) -> list[Value]:
        """Return the values of a KPI that is gone, by period and subject.

        Args:
            retired: The KPI.
            subject_type: The grain.
            period: Only this period.
            subject: Only this subject.
        """
        who = {"subject_type": subject_type, "period": period, "subject": subject}
        where, wanted = narrowed({"kpi": retired.kpi, **who})
        with self._reading() as database:
            rows = database.table("retired_values").rows_where(where, wanted, "period, subject")
            return [
                value_of(row, retired.unit, retired.definition, retired.position) for row in rows
            ]

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite_utils.Database]:
        import sqlite_utils  # noqa: PLC0415 - who reads a scorecard waits for no library

        with self._open() as connection:
            yield sqlite_utils.Database(connection)

    def statements(self, in_force: Mapping[str, Declaration], back: Iterable[str]) -> list[str]:
        """Return what the transaction that hands a replay over does, before it clears the book.

        Args:
            in_force: Every KPI that is computed now.
            back: Those of them that have values.
        """
        head = self.head()
        known = self.definitions() if head is not None else {}
        gone = [k for k, d in known.items() if k not in in_force and d.problem is None]
        found = [f"DELETE FROM {table} WHERE kpi IN ({listed(back)})" for table in _TABLES]
        if head is not None and gone:
            these = f"kpi IN ({listed(gone)})"
            found += [f"DELETE FROM {table} WHERE {these}" for table in _TABLES]
            found += [
                "INSERT INTO retired_kpis"
                f" SELECT kpi, definition, unit, {head.position}, {head.as_of}, declaration"
                f" FROM definitions LEFT JOIN declared_kpis USING (kpi) WHERE {these}"
                f" AND since = ({NEWEST})",
                f'INSERT INTO retired_values SELECT {COLUMNS} FROM "values" WHERE {these}',
            ]
        return found + self._taking_down(in_force)

    def _taking_down(self, in_force: Mapping[str, Declaration]) -> list[str]:
        """Return the statements that make the declarations those of now, where they aren't.

        Of a KPI whose pack is uninstalled and that stays in force, it stays known which that was.
        """
        with self._open() as connection:
            before = dict(connection.execute("SELECT kpi, declaration FROM declared_kpis"))
        texts = {}
        for kpi, told in in_force.items():
            known = before.get(kpi) if told.pack == "" else None
            pack = msgspec.json.decode(known, type=Declaration).pack if known else told.pack
            texts[kpi] = msgspec.json.encode(msgspec.structs.replace(told, pack=pack)).decode()
        changed = [kpi for kpi, text in texts.items() if before.get(kpi) != text]
        stale = [*changed, *(before.keys() - texts.keys())]
        if not stale:
            return []
        return [
            f"DELETE FROM declared_kpis WHERE kpi IN ({listed(stale)})",
            *(
                f"INSERT INTO declared_kpis VALUES ({quote(kpi)}, {quote(texts[kpi])})"
                for kpi in changed
            ),
        ]


def declaration(kpi: KPI, params: Mapping[str, object], sql: str, pack: str) -> Declaration:
    """Take down what a KPI is.

    Args:
        kpi: The KPI.
        params: Its parameters as they are set.
        sql: Its query as it is run.
        pack: The pack that registers it.
    """
    return Declaration(
        version=kpi.version,
        title=kpi.title,
        doc=kpi.doc,
        family=kpi.family,
        timing=kpi.timing,
        kind=kpi.kind,
        unit=kpi.unit,
        better=kpi.better,
        value=msgspec.to_builtins(kpi.value),
        params=msgspec.to_builtins(params),
        sql=sql,
        pack=pack,
    )


def _retired(row: Mapping[str, object]) -> Retired:
    text = row["declaration"]
    return Retired(
        kpi=str(row["kpi"]),
        definition=str(row["definition"]),
        unit=str(row["unit"]),
        position=msgspec.convert(row["position"], int),
        as_of=EPOCH + dt.timedelta(microseconds=msgspec.convert(row["as_of"], int)),
        declaration=None if text is None else msgspec.json.decode(str(text), type=Declaration),
    )


_TABLES = ("retired_kpis", "retired_values")
