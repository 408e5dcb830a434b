"""The periods whose values move: rows of evidence that changed fall into them, or ripened there."""

from __future__ import annotations

import datetime as dt

from kamengine.engine import evidence
from kamengine.engine.session import Session, name
from kamengine.kpi import KPI, Latest
from kamengine.replay.state import SHOWN


def changed_periods(session: Session, kpi: KPI, where: str) -> set[str]:
    """Return the periods that a row just remade falls into, or stands in if carried.

    Args:
        session: With the remade rows in the table ``mended``, and the state that is shown.
        kpi: Whose evidence they are.
        where: The condition that picks the rows that they replace.
    """
    carried = isinstance(kpi.value, Latest) and kpi.value.carried
    table = f"{SHOWN}.evidence.{name(kpi.id)}"
    columns = ", ".join(evidence.COLUMNS)
    rows = session.rows(f"""
        WITH versions AS (
            SELECT {columns}, 1 AS change FROM mended
            UNION ALL
            SELECT {columns}, -1 AS change FROM {table} {where}
        ),

        changed AS (
            SELECT DISTINCT period, occurred_at
            FROM (
                SELECT period, occurred_at
                FROM versions
                GROUP BY {columns}
                HAVING sum(change) <> 0
            )
        )

        SELECT DISTINCT windows.period
        FROM changed
        INNER JOIN windows
            ON changed.period = windows.period
            OR (
                changed.period IS NULL
                AND changed.occurred_at < windows.t1
                {"" if carried else "AND changed.occurred_at >= windows.t0"}
            )
    """)
    return {row[0] for row in rows}


def ripened_periods(session: Session, kpi: str, first: dt.datetime, last: dt.datetime) -> set[str]:
    """Return the periods in which evidence of a KPI came to count between two moments."""
    after, upto = (f"TIMESTAMP '{m:%Y-%m-%d %H:%M:%S.%f}'" for m in (first, last))
    rows = session.rows(f"""
        SELECT DISTINCT windows.period
        FROM {evidence.evidence_table(kpi)} AS ripened
        INNER JOIN windows
            ON ripened.period = windows.period
            OR (
                ripened.period IS NULL
                AND ripened.occurred_at >= windows.t0
                AND ripened.occurred_at < windows.t1
            )
        WHERE ripened.{evidence.RIPE_AT} > {after} AND ripened.{evidence.RIPE_AT} <= {upto}
    """)
    return {row[0] for row in rows}


def is_other(session: Session, table: str, where: str) -> bool:
    """Tell whether some rows of a table are others than those just remade.

    Args:
        session: With the remade rows in the table ``mended``.
        table: The table.
        where: The condition that picks the rows that they replace.
    """
    differs: bool = session.value(f"""
        WITH versions AS (
            SELECT *, 1 AS "+/-" FROM mended
            UNION ALL
            SELECT *, -1 AS "+/-" FROM {table} {where}
        ),

        changed AS (
            SELECT * EXCLUDE ("+/-"), sum("+/-") AS "+/-"
            FROM versions
            GROUP BY ALL
        )

        SELECT EXISTS (SELECT 1 FROM changed WHERE "+/-" <> 0)
    """)
    return differs
