"""Which values a change would move: computed beside the present ones, and compared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pyarrow as pa

from kamengine.courier.client import Courier
from kamengine.engine.session import Session, listed
from kamengine.kpi import SubjectType
from kamengine.replay.book import Book
from kamengine.replay.outcome import Rehearsal
from kamengine.replay.revaluation import Revalued
from kamengine.replay.staleness import Progress

PRESENT = """
SELECT
    kpi,
    subject_type,
    subject,
    period,
    coalesce(numerator, '') AS numerator,
    coalesce(denominator, '') AS denominator,
    count,
    coalesce(value, 9e999) AS value,
    status,
    coalesce(reason, '') AS reason
FROM "values"
WHERE {scope}
"""
"""No column may hold NULLs: an infinite value is none at all."""

SIDE = """
SELECT
    kpi,
    subject_type,
    subject,
    period,
    nullif(CAST(numerator AS VARCHAR), '') AS numerator,
    nullif(CAST(denominator AS VARCHAR), '') AS denominator,
    count,
    nullif(CAST(value AS DOUBLE), CAST('inf' AS DOUBLE)) AS value,
    status,
    nullif(CAST(reason AS VARCHAR), '') AS reason
FROM {rows}
"""

MOVED = """
CREATE TEMP TABLE moved (
    kpi VARCHAR,
    subject_type VARCHAR,
    subject VARCHAR,
    period VARCHAR,
    was DOUBLE,
    becomes DOUBLE,
    status VARCHAR,
    new_status VARCHAR,
    reason VARCHAR,
    new_reason VARCHAR
)
"""

COMPARE = f"""
INSERT INTO moved
WITH present AS (
{SIDE.format(rows="present_values")}
),

planned AS (
{SIDE.format(rows="planned_values")}
)

SELECT
    kpi,
    subject_type,
    subject,
    period,
    CASE WHEN present.status IS NULL THEN {{zero}} ELSE present.value END AS was,
    CASE WHEN planned.status IS NULL THEN {{zero}} ELSE planned.value END AS becomes,
    coalesce(present.status, {{absent}}) AS status,
    coalesce(planned.status, {{absent}}) AS new_status,
    CASE WHEN present.status IS NULL THEN {{why}} ELSE present.reason END AS reason,
    CASE WHEN planned.status IS NULL THEN {{why}} ELSE planned.reason END AS new_reason
FROM present
FULL JOIN planned USING (kpi, subject_type, subject, period)
WHERE was IS DISTINCT FROM becomes
    OR coalesce(present.status, {{absent}}) <> coalesce(planned.status, {{absent}})
    OR (
        present.status = planned.status
        AND (
            present.numerator IS DISTINCT FROM planned.numerator
            OR present.denominator IS DISTINCT FROM planned.denominator
            OR present.count <> planned.count
            OR present.reason IS DISTINCT FROM planned.reason
        )
    )
"""
"""A value without a row is what it means that there is no evidence: a true zero, or undefined."""

ZERO = {"zero": "0", "absent": "'ok'", "why": "NULL"}
UNDEFINED = {"zero": "NULL", "absent": "'undefined'", "why": "'no evidence in this period'"}


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A value that would be another one.

    Attributes:
        kpi: The KPI.
        subject_type: The grain.
        subject: Whose value.
        period: Of which period.
        was: The present value; None where there is none.
        becomes: What it would be, likewise.
        status: The present status.
        new_status: What it would be.
        reason: Why there is no present value, or what to know beside it.
        new_reason: Likewise for the value that would be.
    """

    kpi: str
    subject_type: SubjectType
    subject: str
    period: str
    was: float | None
    becomes: float | None
    status: str
    new_status: str
    reason: str | None = None
    new_reason: str | None = None


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a KPI would move.

    Attributes:
        kpi: The KPI.
        computed: Values computed anew.
        moved: Those that would be other ones: value, status, or what they are made of.
        accounts: Accounts among them.
        periods: Periods among them.
    """

    kpi: str
    computed: int
    moved: int
    accounts: int
    periods: int


class Moves:
    """The values that a rehearsal found to be other than those in the book.

    Args:
        rehearsal: Computes the values that would be.
        zero: KPIs for which no evidence at all is a true zero.
        book: The present values.
        courier: Reads them.
    """

    def __init__(
        self, rehearsal: Rehearsal, zero: Collection[str], book: Book, courier: Courier
    ) -> None:
        self._rehearsal = rehearsal
        self._session: Session = rehearsal.revaluation.session
        self._book = book
        self._courier = courier
        self._zero = zero
        self.computed: dict[str, int] = {}
        self.problems: dict[str, str] = dict(rehearsal.parked)
        self._session.run(MOVED)

    def find(self, progress: Progress) -> None:
        """Compute every value that may be another one, and keep those that are.

        The present values are read while those that would be are computed.
        """
        stale, revaluation = self._rehearsal.stale, self._rehearsal.revaluation
        coming = revaluation.values(stale)
        with ThreadPoolExecutor(max_workers=1) as reading:
            for count, name in enumerate(stale):
                progress("comparing", count, len(stale))
                present = reading.submit(self._present, revaluation.scope(name).condition)
                self._take(next(coming), present.result)
        for kpi, scope in self._rehearsal.gone.items():
            self.computed.setdefault(kpi, 0)
            self._compare(kpi, self._present(scope), None)

    def _take(self, found: Revalued, present: Callable[[], pa.Table | None]) -> None:
        if found.problem is not None:
            self.problems[found.kpi] = found.problem
            return
        self.computed[found.kpi] = self.computed.get(found.kpi, 0) + found.rows.num_rows
        self._compare(found.kpi, present(), found.rows)

    def _present(self, scope: str) -> pa.Table | None:
        """Return the present values that a condition picks; None where there are none."""
        batches = list(self._courier.rows(self._book.path, PRESENT.format(scope=scope)))
        return pa.Table.from_batches(batches) if batches else None

    def _compare(self, kpi: str, present: pa.Table | None, planned: pa.Table | None) -> None:
        if present is None and planned is None:
            return
        shape = present if present is not None else planned
        assert shape is not None, "one of them is there"  # noqa: S101
        empty = shape.slice(0, 0)
        with (
            self._session.lending("present_values", present if present is not None else empty),
            self._session.lending("planned_values", planned if planned is not None else empty),
        ):
            self._session.run(COMPARE.format(**(ZERO if kpi in self._zero else UNDEFINED)))

    def extents(self) -> list[Extent]:
        """Return how much of each KPI would move, those that move most first."""
        rows = self._session.rows("""
            SELECT
                kpi,
                count(*),
                count(DISTINCT subject) FILTER (subject_type = 'account'),
                count(DISTINCT period)
            FROM moved
            GROUP BY kpi
        """)
        found = {kpi: numbers for kpi, *numbers in rows}
        extents = [
            Extent(kpi=k, computed=n, moved=m, accounts=a, periods=p)
            for k, n in self.computed.items()
            for m, a, p in [found.get(k, (0, 0, 0))]
        ]
        return sorted(extents, key=lambda e: (-e.moved, e.kpi))

    def largest(self, each: int) -> list[Move]:
        """Return the largest movers of each KPI.

        Args:
            each: How many of a KPI and a grain.
        """
        return list(
            self._moves(f"""
            WHERE was <> becomes
            QUALIFY row_number() OVER (
                PARTITION BY kpi, subject_type
                ORDER BY abs(becomes - was) DESC, period DESC, subject
            ) <= {each}
            ORDER BY kpi, subject_type, abs(becomes - was) DESC, period DESC, subject
            """)
        )

    def statuses(self) -> list[Move]:
        """Return every value whose status would change, or that would come or go."""
        return list(
            self._moves("""
            WHERE status <> new_status
            ORDER BY kpi, subject_type, period, subject
            """)
        )

    def of(self, kpis: list[str]) -> Iterator[Move]:
        """Yield every value of some KPIs that would be another one."""
        return self._moves(f"WHERE kpi IN ({listed(kpis)}) ORDER BY kpi, period, subject")

    def _moves(self, clauses: str) -> Iterator[Move]:
        names = ", ".join(Move.__struct_fields__)
        for row in self._session.rows(f"SELECT {names} FROM moved {clauses}"):
            yield Move(**dict(zip(Move.__struct_fields__, row, strict=True)))
