"""Activity volume: how much a manager gets done on a working day."""

from __future__ import annotations

from kamengine.kpi import KPI, Ratio

ACTIVITY_VOLUME = KPI(
    id="activity_volume",
    version=1,
    title="Activity volume",
    doc="""How many calls, emails and conversations a key account manager has on a working day.

Inputs: touch.logged, by way of touches; manager.hired, manager.left and manager.team_assigned, by
way of employments and team_membership.

Shape: one row per completed touch of an employed manager (numerator 1), and one row per window,
manager and stretch in one team (its working days below the line, without an event). The value is
the ratio of the sums. `part` is the channel.

Unit: count per manager and working day.

Empty and null rule: a manager without a working day in the window has no value, nor has an account:
working days belong to managers. Working days without a touch give 0.

Decisions: a working day is a Monday to Friday of the organisation's calendar; public holidays
aren't known and count as working days. A day is the manager's, and the team's, who were there when
it began; a window still open counts the days that have begun. Conversations are calls, video calls,
meetings and chats; touches over another channel don't count. Both directions do, and touches with
prospects. A touch counts for the manager who logged it, and only where manager.hired says that
they were employed then: otherwise there is no working day to divide by.

Source: seed 4 names it as a measure of effort that says nothing alone; the formula is ours.

Example: in a week with five working days Kim has 12 calls, 20 emails and 3 meetings: 35/5 = 7.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="count/day",
    better="band",
    value=Ratio(),
    numerator="completed calls, emails and conversations",
    denominator="working days of managers",
    source="seed 4",
    sql="""
WITH changes AS (
    SELECT manager_id, starts_at AS changed_at FROM employments
    UNION
    SELECT manager_id, ends_at AS changed_at FROM employments WHERE ends_at IS NOT NULL
    UNION
    SELECT manager_id, valid_from AS changed_at FROM team_membership
    UNION
    SELECT manager_id, valid_to AS changed_at FROM team_membership WHERE valid_to IS NOT NULL
),

stretches AS (
    SELECT
        manager_id,
        changed_at AS starts_at,
        lead(changed_at) OVER (PARTITION BY manager_id ORDER BY changed_at) AS ends_at
    FROM changes
),

employed AS (
    SELECT stretch.manager_id, stretch.starts_at, stretch.ends_at
    FROM stretches AS stretch
    INNER JOIN employments AS employment
        ON employment.manager_id = stretch.manager_id
        AND employment.starts_at <= stretch.starts_at
        AND (employment.ends_at IS NULL OR stretch.starts_at < employment.ends_at)
),

pieces AS (
    SELECT
        employed.manager_id,
        windows.period,
        greatest(employed.starts_at, windows.t0) AS starts_at,
        least(employed.ends_at, windows.t1) AS ends_at
    FROM employed
    INNER JOIN windows
        ON employed.starts_at < windows.t1
        AND (employed.ends_at IS NULL OR employed.ends_at > windows.t0)
),

-- days from a Monday long ago to the first day that begins no sooner than each end
numbered AS (
    SELECT
        manager_id,
        period,
        starts_at,
        1 + date_diff(
            'day', DATE '1900-01-01', local_date(starts_at - INTERVAL 1 MICROSECOND)
        ) AS first_day,
        1 + date_diff(
            'day', DATE '1900-01-01', local_date(ends_at - INTERVAL 1 MICROSECOND)
        ) AS end_day
    FROM pieces
),

-- five of each whole week, and of the rest those before Saturday
counted AS (
    SELECT
        manager_id,
        period,
        starts_at,
        5 * (end_day // 7) + least(end_day % 7, 5)
        - 5 * (first_day // 7) - least(first_day % 7, 5) AS working_days
    FROM numbered
)

SELECT
    touch.account_id,
    touch.manager_id,
    NULL AS period,
    touch.occurred_at,
    1 AS numerator,
    0 AS denominator,
    touch.event_id,
    touch.channel AS part
FROM touches AS touch
INNER JOIN employments AS employment
    ON employment.manager_id = touch.manager_id
    AND employment.starts_at <= touch.occurred_at
    AND (employment.ends_at IS NULL OR touch.occurred_at < employment.ends_at)
WHERE touch.completed AND touch.channel IN ('call', 'email', 'video', 'meeting', 'chat')
UNION ALL
SELECT
    NULL AS account_id,
    manager_id,
    period,
    starts_at AS occurred_at,
    0 AS numerator,
    working_days AS denominator,
    NULL AS event_id,
    NULL AS part
FROM counted
""",
)
