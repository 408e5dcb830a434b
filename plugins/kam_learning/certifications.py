"""How many certificates our managers earn."""

from __future__ import annotations

from kamengine import KPI, Sum

INDUSTRY_CERTIFICATIONS = KPI(
    id="industry_certifications",
    version=1,
    title="Industry certifications",
    doc="""
    How many new certificates a manager earned in the twelve months up to the end of the window.

    Inputs: `certification.awarded`.

    Shape: one row per window and new certificate awarded in the twelve months before the window's
    end ("as of" while it is open). They are added up. `part` is the certificate. A roll-up adds up
    the certificates of its managers.

    Unit: certificates a year, whatever the window's length.

    Empty and null rule: without a certificate it is a true zero.

    Decisions: a certificate is new where the manager had none of that name, or one that had expired
    by that day; a renewal in time isn't, nor is an award stated again. Twelve months end with the
    window's last day and begin with the day after that day a year before (after a 29 February, with
    1 March). An award counts for the team that the manager was in then. It is a number of each
    manager; a team's is the sum, not the mean.

    Source: seed 1 names it; the twelve months are ours.

    Example: asked for June 2026, certificates of May 2025, July 2025 and March 2026: 2.
    """,
    family="learning",
    timing="lagging",
    unit="certificates/year",
    better="higher",
    value=Sum(),
    empty="zero",
    sql="""
-- days as whole numbers: 10,000 apart is a year apart, whatever the months in between
WITH awards AS (
    SELECT
        manager_id,
        name,
        occurred_at,
        local_date(occurred_at) AS awarded_on,
        event_id,
        lag(event_id) OVER so_far AS event_before,
        lag(expires_on) OVER so_far AS expired_on
    FROM certification_awarded
    WINDOW so_far AS (PARTITION BY manager_id, name ORDER BY occurred_at, id)
),

new_awards AS (
    SELECT
        manager_id,
        name,
        occurred_at,
        event_id,
        10000 * year(awarded_on) + 100 * month(awarded_on) + day(awarded_on) AS day_number
    FROM awards
    WHERE event_before IS NULL OR expired_on <= awarded_on
),

ends AS (
    SELECT
        period,
        t1,
        10000 * year(end_date) + 100 * month(end_date) + day(end_date) AS day_number
    FROM windows
)

SELECT
    award.manager_id,
    ends.period,
    award.occurred_at,
    1 AS numerator,
    award.name AS part,
    award.event_id
FROM ends
INNER JOIN new_awards AS award
    ON award.occurred_at < ends.t1
    AND award.day_number >= ends.day_number - 10000
""",
    source="seed 1; the twelve months are ours",
    numerator="new certificates of twelve months",
)
