"""Whether our managers complete the trainings that they have to."""

from __future__ import annotations

from kamengine import KPI, Ratio

TRAINING_COMPLETION_RATE = KPI(
    id="training_completion_rate",
    version=1,
    title="Training completion rate",
    doc="""
    The share of the required trainings due in the window that were completed in time.

    Inputs: `training.assigned` and `training.completed`, by way of `trainings`; `manager.hired` and
    `manager.left` for who is there.

    Shape: one row per manager and required course, at the last instant of the day on which it is
    due, `1` if it was completed by then and `0` if not, over `1`. `part` is the course.

    Unit: % (kept as a ratio, 0.9 for 90 %).

    Empty and null rule: without a required training due in the window there is no value. A training
    completed late counts as not completed.

    Decisions: the day on which it is due is in time to its end, where the organisation is. A course
    assigned again is due when last said. A course completed before it was assigned is completed.
    What falls due while a manager is gone is asked of nobody. It counts for the team that the
    manager is in when it is due.

    Source: seed 1 names it; the formula is the field's standard.

    Example: ten required courses due in May, eight completed in time and one late: 8/10 = 0.8.
    """,
    family="learning",
    timing="leading",
    kind="activity",
    unit="%",
    better="higher",
    value=Ratio(),
    sql="""
WITH due AS (
    SELECT
        *,
        local_start(CAST(due_on + INTERVAL 1 DAY AS DATE)) - INTERVAL 1 MICROSECOND AS due_by
    FROM trainings
    WHERE mandatory
),

-- at one instant a hiring comes first and a leaving last
moves AS (
    SELECT manager_id, local_start(hired_on) AS moved_at, 1 AS turn, id FROM manager_hired
    UNION ALL
    SELECT manager_id, occurred_at AS moved_at, 2 AS turn, id FROM manager_left
),

stays AS (
    SELECT
        *,
        lead(moved_at) OVER (PARTITION BY manager_id ORDER BY moved_at, turn, id) AS moved_on_at
    FROM moves
),

absences AS (
    SELECT manager_id, moved_at AS left_at, moved_on_at AS back_at
    FROM stays
    WHERE turn = 2
)

SELECT
    due.manager_id,
    due.due_by AS occurred_at,
    CASE WHEN due.on_time THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    due.course_id AS part,
    CASE
        WHEN due.done_event IS NULL THEN [due.assigned_event]
        ELSE [due.assigned_event, due.done_event]
    END AS event_id
FROM due
LEFT JOIN absences AS away
    ON away.manager_id = due.manager_id
    AND away.left_at <= due.due_by
    AND (away.back_at IS NULL OR due.due_by < away.back_at)
WHERE away.manager_id IS NULL
""",
    source="seed 1; field standard",
    numerator="required trainings completed by the day on which they were due",
    denominator="required trainings due",
)
