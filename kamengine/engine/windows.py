"""The windows that values are asked for, as relations that SQL can join."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import pyarrow as pa

from kamengine.engine import one_row
from kamengine.engine.session import SHARED, Session
from kamengine.periods import Window

WINDOWS = pa.schema(
    [
        ("period", pa.string()),
        ("kind", pa.string()),
        ("t0", pa.timestamp("us")),
        ("t1", pa.timestamp("us")),
        ("start_date", pa.date32()),
        ("end_date", pa.date32()),
        ("years", pa.decimal128(18, 9)),
        ("previous_t0", pa.timestamp("us")),
        ("previous_t1", pa.timestamp("us")),
        ("year_t0", pa.timestamp("us")),
        ("prior_t0", pa.timestamp("us")),
        ("prior_t1", pa.timestamp("us")),
        ("year_ago", pa.timestamp("us")),
    ]
)
MONTHS = pa.schema(
    [
        ("period", pa.string()),
        ("t0", pa.timestamp("us")),
        ("t1", pa.timestamp("us")),
        ("share", pa.decimal128(38, 6)),
    ]
)

SLOT_DAYS = f"""
CREATE OR REPLACE TABLE {SHARED}.slot_days AS
SELECT
    CAST(unnest(generate_series(
        date_trunc('day', t0), date_trunc('day', t1), INTERVAL 1 DAY
    )) AS DATE) AS day,
    slot,
    t0,
    t1
FROM {SHARED}.slots
"""
"""Each slot on each day (UTC) that it touches: rows find theirs by their day, which takes a third
of the time that a search among the slots' beginnings takes."""

WINDOW_ENDS = one_row.statement("window_ends", "SELECT * FROM windows", ("period", "t1"))


def set_windows(session: Session, windows: Sequence[Window]) -> None:
    """Offer windows to SQL, replacing those offered before.

    ``windows`` and ``window_months`` are what KPI queries read. ``slots`` are the stretches
    between all their boundaries: rows are placed into slots once, and every window is a run of
    slots (``window_slots``), however the windows overlap.
    """
    session.share("windows", _window_rows(windows))
    session.share("window_months", _month_rows(windows))
    session.run(WINDOW_ENDS)
    session.run(f"""
CREATE OR REPLACE TABLE {SHARED}.slots AS
WITH boundaries AS (
    SELECT t0 AS boundary FROM windows
    UNION
    SELECT t1 AS boundary FROM windows
),

stretches AS (
    SELECT
        CAST(row_number() OVER (ORDER BY boundary) AS INTEGER) AS slot,
        boundary AS t0,
        lead(boundary) OVER (ORDER BY boundary) AS t1
    FROM boundaries
)

SELECT slot, t0, t1
FROM stretches
WHERE t1 IS NOT NULL
""")
    session.run(SLOT_DAYS)
    session.run(f"""
CREATE OR REPLACE TABLE {SHARED}.window_slots AS
SELECT slots.slot, windows.period
FROM {SHARED}.slots
INNER JOIN windows
    ON slots.t0 >= windows.t0
    AND slots.t1 <= windows.t1
""")


def _window_rows(windows: Iterable[Window]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "period": w.period,
                "kind": w.kind,
                "t0": w.t0.replace(tzinfo=None),
                "t1": w.t1.replace(tzinfo=None),
                "start_date": w.start,
                "end_date": w.end,
                "years": w.years,
            }
            | {
                column: moment.replace(tzinfo=None)
                for column, moment in msgspec.structs.asdict(w.comparison).items()
            }
            for w in windows
        ],
        schema=WINDOWS,
    )


def _month_rows(windows: Iterable[Window]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "period": w.period,
                "t0": piece.t0.replace(tzinfo=None),
                "t1": piece.t1.replace(tzinfo=None),
                "share": piece.share,
            }
            for w in windows
            for piece in w.pieces
        ],
        schema=MONTHS,
    )
