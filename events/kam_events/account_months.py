"""The time during which accounts were customers, as SQL that KPIs share."""

from __future__ import annotations

MEASURED_MONTHS = """
-- an active stretch, cut where calendar months and windows do
pieces AS (
    SELECT
        stretch.account_id,
        stretch.starts_at AS stretch_start,
        months.period,
        months.share,
        months.t0,
        months.t1,
        greatest(stretch.starts_at, months.t0) AS starts_at,
        least(stretch.ends_at, months.t1) AS ends_at
    FROM active_stretches AS stretch
    INNER JOIN window_months AS months
        ON stretch.starts_at < months.t1
        AND (stretch.ends_at IS NULL OR stretch.ends_at > months.t0)
),

timed AS (
    SELECT
        account_id,
        period,
        stretch_start,
        starts_at,
        share,
        starts_at = t0 AND ends_at = t1 AS whole,
        share * seconds_between(t0, starts_at) AS seconds_before,
        share * seconds_between(t0, ends_at) AS seconds_so_far,
        seconds_between(t0, t1) AS seconds
    FROM pieces
),

-- the difference of two rounded positions: stretches that meet add up to the whole, to the digit
measured AS (
    SELECT
        account_id,
        period,
        stretch_start,
        starts_at,
        CASE
            WHEN whole THEN share
            ELSE quotient(seconds_so_far, seconds) - quotient(seconds_before, seconds)
        END AS months
    FROM timed
)
"""
"""CTEs that end in ``measured``: account-months by account, period and stretch of one owner,
segment, tier and team."""
