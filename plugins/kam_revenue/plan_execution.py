"""Account plan execution: whether what the plan says is done when it says so."""

from __future__ import annotations

from kamengine import KPI, Ratio

ACCOUNT_PLAN_EXECUTION = KPI(
    id="account_plan_execution",
    version=1,
    title="Account plan execution",
    doc="""
    The share of the account plan's actions due in the window that were done by their day.

    Inputs: `plan.action_set` and `plan.action_completed`, by way of `plan_actions`.

    Shape: one row per action at the start of the day on which it is due: its weight if it was done
    by the end of that day, else `0`, over its weight. `part` says whether it was done on time, late
    or not at all.

    Unit: % (kept as a ratio).

    Empty and null rule: without an action due in the window there is no value; nor where all that
    are due weigh nothing.

    Decisions: an action counts as last set, so one that is put off counts where it is due now. It
    was done when that was first said. Done late is not done, however little. An action counts for
    the owner of the account on the day that it is due, whoever set or did it.

    Source: seed 1 names it; weighing by action and counting only what is done by its day is ours.

    Example: actions of weight 3, 2 and 1 are due in May; the first was done on its day, the second
    a day late, the third not: 3/6 = 0.5.
    """,
    family="revenue",
    timing="leading",
    kind="activity",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="weight of the actions due that were done by their day",
    denominator="weight of the actions due",
    source="seed 1",
    sql="""
SELECT
    account_id,
    due_at AS occurred_at,
    CASE WHEN on_time THEN weight ELSE 0 END AS numerator,
    weight AS denominator,
    CASE WHEN done_event IS NULL THEN [set_event] ELSE [set_event, done_event] END AS event_id,
    CASE
        WHEN on_time THEN 'on time'
        WHEN done_at IS NOT NULL THEN 'late'
        ELSE 'not done'
    END AS part
FROM plan_actions
""",
)
