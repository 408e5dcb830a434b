"""Evidence for pages: what parts of a value add up to, and the rows that a reader is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import msgspec

from kamengine.engine.placement import placed
from kamengine.engine.session import Session, quote
from kamengine.engine.valuation import latest_rows
from kamengine.errors import ReplayError
from kamengine.kpi import KPI, Composite, Distinct, Formula, Latest, Mean, Sum
from kamengine.periods import Window
from kamengine.replay.reading import Reader
from kamengine.report.pooling import Cell, sums_of

SHOWN = 25
"""Rows of evidence under a number; `kamengine explain` has all of them."""

MOVING = 5
"""Rows of either period that have the most to do with a difference."""

SUBJECTS = {
    "account": "account_id",
    "manager": "manager_id",
    "team": "team",
    "organisation": "'organisation'",
}
COLUMNS = (
    "account_id, manager_id, team, segment, occurred_at, numerator, denominator, event_id,"
    " more_events, part, item, problem"
)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of evidence.

    Attributes:
        period: The window that it counts in.
        subject: Whose page it is for.
        place: 1 for the newest of its subject and period, and on from there.
        count: How many there are for this subject and period.
        occurred_at: When it counts (UTC).
        account_id: Whose it is.
        numerator: What it adds; None where the amount can't be known.
        denominator: What it adds below the line.
        positions: Log positions of the events that it stands for.
        part: Its breakdown.
        item: What it is told apart by.
    """

    period: str
    subject: str
    place: int
    count: int
    occurred_at: dt.datetime | None
    account_id: str | None
    numerator: Decimal | None
    denominator: Decimal
    positions: tuple[int, ...]
    part: str | None
    item: str | None


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one KPI's evidence in two periods.

    Attributes:
        cells: Sums by account, manager and team; empty where some amount can't be known.
        rows: By kind of subject, the rows worth showing.
    """

    cells: tuple[Cell, ...] = ()
    rows: dict[str, tuple[Row, ...]] = {}


def gather(
    reader: Reader,
    kpis: Iterable[KPI],
    windows: Sequence[Window],
    grains: Sequence[str],
    subject: str | None = None,
) -> dict[str, Gathered]:
    """Return what is known of the evidence of KPIs, those without any left out.

    Args:
        reader: Reads what was replayed.
        kpis: Those that rest on evidence are asked for; formulas and composites are passed over.
        windows: The period asked for, and the one before.
        grains: The kinds of subject whose rows are wanted.
        subject: Only this subject, of the one grain.
    """
    found: dict[str, Gathered] = {}
    with reader.asking(*windows) as session:
        for kpi in kpis:
            known = reader.definitions.get(kpi.id)
            if isinstance(kpi.value, Formula | Composite) or known is None or known.problem:
                continue
            try:
                table = reader.gathered(session, kpi)
            except ReplayError:
                continue  # its definition changed since the replay: told apart from its values
            found[kpi.id] = _gathered(session, kpi, table, windows, grains, subject)
    return found


def _gathered(
    session: Session,
    kpi: KPI,
    table: str,
    windows: Sequence[Window],
    grains: Sequence[str],
    subject: str | None,
) -> Gathered:
    ctes, relation = f"WITH {placed(table, COLUMNS)}", "placed"
    if isinstance(kpi.value, Latest):
        ctes, relation = f"WITH {latest_rows(kpi.value, table)}", "latest"
    where = ""
    if subject is not None:
        where = f"WHERE {SUBJECTS[grains[0]]} = {quote(subject)}"
    session.run(
        f"CREATE OR REPLACE TEMP TABLE evidence_shown AS {ctes} SELECT * FROM {relation} {where}"
    )
    return Gathered(
        cells=tuple(_cells(session, kpi)),
        rows={grain: tuple(_rows(session, kpi, grain, windows)) for grain in grains},
    )


def _cells(session: Session, kpi: KPI) -> Iterator[Cell]:
    if session.value("SELECT count(*) - count(numerator) FROM evidence_shown") and not isinstance(
        kpi.value, Distinct
    ):
        return
    numerator = "sum(numerator)"
    if isinstance(kpi.value, Distinct):
        numerator = "CAST(count(DISTINCT item) AS DECIMAL(38, 6))"
    rows = session.rows(f"""
        SELECT period, account_id, manager_id, team, {numerator}, sum(denominator), count(*)
        FROM evidence_shown
        GROUP BY period, account_id, manager_id, team
    """)
    for period, account, manager, team, above, below, count in rows:
        yield Cell(
            period=period,
            account_id=account,
            manager_id=manager,
            team=team,
            sums=sums_of(kpi, above, below, count),
        )


def _rows(session: Session, kpi: KPI, grain: str, windows: Sequence[Window]) -> Iterator[Row]:
    """Yield the newest rows of each subject, and of an account those that move its value."""
    subject = SUBJECTS[grain]
    now = quote(windows[0].period)
    below = {Mean: "1", Sum: "0", Distinct: "0"}.get(type(kpi.value), "denominator")
    moving = f"OR weight <= {MOVING}" if grain == "account" else ""
    found = session.rows(f"""
        WITH sums AS (
            SELECT
                {subject} AS subject,
                coalesce(CAST(sum(numerator) FILTER (WHERE period <> {now}) AS DOUBLE)
                    / nullif(CAST(sum({below}) FILTER (WHERE period <> {now}) AS DOUBLE), 0), 0)
                    AS level
            FROM evidence_shown
            GROUP BY ALL
        ),

        ranked AS (
            SELECT
                rows.*,
                sums.subject,
                row_number() OVER (
                    PARTITION BY rows.period, sums.subject
                    ORDER BY occurred_at DESC, account_id, item, event_id
                ) AS place,
                count(*) OVER (PARTITION BY rows.period, sums.subject) AS count,
                row_number() OVER (
                    PARTITION BY rows.period, sums.subject
                    ORDER BY
                        abs(CAST(numerator AS DOUBLE) - level * CAST({below} AS DOUBLE)) DESC,
                        occurred_at DESC, item, event_id
                ) AS weight
            FROM evidence_shown AS rows
            INNER JOIN sums ON {subject.replace("account_id", "rows.account_id")} = sums.subject
            WHERE event_id IS NOT NULL
        )

        SELECT
            period, subject, place, count, occurred_at, account_id, numerator,
            CAST({below} AS DECIMAL(38, 6)), event_id, more_events[:{MOVING}], part, item
        FROM ranked
        WHERE (period = {now} AND place <= {SHOWN}) {moving}
        ORDER BY subject, period, place
    """)
    for period, whose, place, count, at, account, above, under, first, more, part, item in found:
        yield Row(
            period=period,
            subject=whose,
            place=place,
            count=count,
            occurred_at=at and at.replace(tzinfo=dt.UTC),
            account_id=account,
            numerator=above,
            denominator=under,
            positions=tuple(dict.fromkeys([first, *(more or [])])),
            part=part,
            item=item,
        )
