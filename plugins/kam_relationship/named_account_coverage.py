"""Coverage of named accounts: do we talk with those that we set out to win?"""

from __future__ import annotations

from kamengine.kpi import KPI, Ratio

NAMED_ACCOUNT_COVERAGE = KPI(
    id="named_account_coverage",
    version=1,
    title="Coverage of named accounts",
    doc="""How many of the accounts that we put on our list we did talk with in the period.

Inputs: named_list.set, by way of named_accounts; touch.logged, by way of touches.

Shape: one row per window and account that is on a list when the window begins; numerator 1 where
a two-way touch with it was completed in the window, else 0. The value is the ratio of the sums.

Unit: %, as a ratio (0.8 for 80 %).

Empty and null rule: nobody on a list when the window begins leaves it undefined. A list that is set
during the window counts from the next one on.

Decisions: a list holds until another of its name is set; one that is set at the very beginning of a
window counts in it. An account on several lists counts once. Two-way is a completed call, video or
meeting, or a completed message that is inbound or was replied to. A covered account counts for who
owned it at the first such touch, one that wasn't for who owned it at the window's end. An account
that was merged into another stands on the list as that other.

Source: seed 4 names the idea and gives no formula; the formula is ours.

Example: ten accounts on the list on 1 July; by the end of September seven had a call with us, two
got unanswered e-mails, one heard nothing: 7/10.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="named accounts with a completed two-way touch in the period",
    denominator="accounts on a list when the period begins",
    source="seed 4",
    sql="""
WITH named AS (
    SELECT
        windows.period,
        windows.t0,
        windows.t1,
        list.member_id,
        min_by(list.event_id, list.list_id) AS list_event
    FROM named_accounts AS list
    INNER JOIN windows
        ON list.valid_from <= windows.t0
        AND (list.valid_to IS NULL OR windows.t0 < list.valid_to)
    GROUP BY windows.period, windows.t0, windows.t1, list.member_id
),

starts AS (
    SELECT DISTINCT member_id AS account_id, t0 FROM named
),

-- a touch at the very beginning is in the window: backwards in time it comes before that
moments AS (
    SELECT account_id, t0 AS moment, 1 AS turn, '' AS touch_id, NULL AS event_id
    FROM starts
    UNION ALL
    SELECT account_id, occurred_at AS moment, 0 AS turn, touch_id, event_id
    FROM touches
    WHERE two_way AND account_id IN (SELECT account_id FROM starts)
),

looked_ahead AS (
    SELECT
        account_id,
        moment,
        turn,
        last_value(CASE WHEN turn = 0 THEN moment END IGNORE NULLS) OVER so_far AS touched_at,
        last_value(event_id IGNORE NULLS) OVER so_far AS touch_event
    FROM moments
    WINDOW so_far AS (
        PARTITION BY account_id ORDER BY moment DESC, turn, touch_id DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
),

next_touches AS (
    SELECT account_id, moment AS t0, touched_at, touch_event
    FROM looked_ahead
    WHERE turn = 1
)

SELECT
    named.member_id AS account_id,
    named.period,
    CASE WHEN next.touched_at < named.t1 THEN next.touched_at END AS occurred_at,
    CASE WHEN next.touched_at < named.t1 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN next.touched_at < named.t1 THEN next.touch_event ELSE named.list_event END AS event_id
FROM named
LEFT JOIN next_touches AS next
    ON next.account_id = named.member_id
    AND next.t0 = named.t0
""",
)
