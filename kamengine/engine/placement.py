"""Where rows of evidence fall: into slots by their moment, into windows, and under subjects."""

from __future__ import annotations

from kamengine.engine.session import SHARED, quote
from kamengine.periods import Window

GRAINS = """GROUP BY GROUPING SETS (
        (period, account_id), (period, manager_id), (period, team), (period, segment), (period)
    )"""

SUBJECT = """CASE
            WHEN grouping(account_id) = 0 THEN 'account'
            WHEN grouping(manager_id) = 0 THEN 'manager'
            WHEN grouping(team) = 0 THEN 'team'
            WHEN grouping(segment) = 0 THEN 'segment'
            ELSE 'organisation'
        END AS subject_type,
        CASE
            WHEN grouping(account_id) = 0 THEN account_id
            WHEN grouping(manager_id) = 0 THEN manager_id
            WHEN grouping(team) = 0 THEN team
            WHEN grouping(segment) = 0 THEN segment
            ELSE 'organisation'
        END AS subject"""


def timed(evidence: str) -> str:
    """Return rows with the slot that their moment falls into."""
    return f"""timed AS (
    SELECT slots.slot, slots.t1 AS slot_end, rows.*
    FROM {evidence} AS rows
    INNER JOIN {SHARED}.slot_days AS slots
        ON CAST(rows.occurred_at AS DATE) = slots.day
        AND rows.occurred_at >= slots.t0
        AND rows.occurred_at < slots.t1
    WHERE rows.period IS NULL
)"""


def placed(evidence: str, columns: str) -> str:
    """Return rows with the windows they fall into: by their moment, or the period they name."""
    return f"""{timed(evidence)},

placed AS (
    SELECT window_slots.period, {columns}
    FROM timed
    INNER JOIN {SHARED}.window_slots USING (slot)
    UNION ALL
    SELECT period, {columns}
    FROM {evidence}
    WHERE period IN (SELECT period FROM windows)
)"""


OWNERS = "account_id, manager_id, team, segment"


def cells(evidence: str, keys: str) -> str:
    """Add up within slots first, then slots into windows: the same sum, far fewer rows.

    Args:
        evidence: The relation that holds the evidence.
        keys: The columns that keep sums apart.
    """
    sums = """sum(numerator) AS numerator,
        sum(denominator) AS denominator,
        count(*) AS row_count,
        count(event_id) AS count,
        min(problem) AS problem"""
    cells = f"{keys}, numerator, denominator, row_count, count, problem"
    return f"""{timed(evidence)},

cells AS (
    SELECT
        slot,
        {keys},
        {sums}
    FROM timed
    GROUP BY slot, {keys}
),

anchored AS (
    SELECT
        period,
        {keys},
        {sums}
    FROM {evidence}
    WHERE period IN (SELECT period FROM windows)
    GROUP BY period, {keys}
),

placed AS (
    SELECT window_slots.period, {cells}
    FROM cells
    INNER JOIN {SHARED}.window_slots USING (slot)
    UNION ALL
    SELECT period, {cells}
    FROM anchored
)"""


def in_window(window: Window) -> str:
    """Return the condition that picks the rows of one window."""
    t0, t1 = (moment.replace(tzinfo=None).isoformat(sep=" ") for moment in (window.t0, window.t1))
    return (
        f"period = {quote(window.period)} OR (period IS NULL"
        f" AND occurred_at >= TIMESTAMP '{t0}' AND occurred_at < TIMESTAMP '{t1}')"
    )
