"""How many different items evidence has, at every grain and in every window."""

from __future__ import annotations

from kamengine.engine.placement import GRAINS, OWNERS, SUBJECT, timed
from kamengine.engine.session import SHARED


def pooled(evidence: str) -> str:
    """Return the CTEs that end in ``pooled``, with the number of different items as numerator.

    Items are told apart within slots first, since most of them come again and again. What a
    single row of a window has is then counted as one at every grain: only what several rows
    have, which is little, has to be told apart anew at each.

    Args:
        evidence: The relation that holds the evidence.
    """
    return f"""
WITH {timed(evidence)},

cells AS (
    SELECT slot, {OWNERS}, item, count(event_id) AS count, min(problem) AS problem
    FROM timed
    GROUP BY slot, {OWNERS}, item
),

placed AS (
    SELECT window_slots.period, {OWNERS}, item, count, problem
    FROM cells
    INNER JOIN {SHARED}.window_slots USING (slot)
    UNION ALL
    SELECT period, {OWNERS}, item, CASE WHEN event_id IS NULL THEN 0 ELSE 1 END, problem
    FROM {evidence}
    WHERE period IN (SELECT period FROM windows)
),

repeated AS (
    SELECT
        period,
        coalesce(account_id, '') AS account,
        item,
        row_number() OVER () AS number
    FROM placed
    GROUP BY period, account, item
    HAVING count(*) > 1
),

numbered AS (
    SELECT placed.*, repeated.number
    FROM placed
    LEFT JOIN repeated
        ON repeated.period = placed.period
        AND repeated.account = coalesce(placed.account_id, '')
        AND repeated.item IS NOT DISTINCT FROM placed.item
),

pooled AS (
    SELECT
        {SUBJECT},
        period,
        CAST(count(*) - count(number) + count(DISTINCT number) AS DECIMAL(38, 6)) AS numerator,
        CAST(1 AS DECIMAL(38, 6)) AS denominator,
        CAST(sum(count) AS BIGINT) AS count,
        min(problem) AS problem,
        CAST(NULL AS VARCHAR) AS flag
    FROM numbered
    {GRAINS}
)
"""
