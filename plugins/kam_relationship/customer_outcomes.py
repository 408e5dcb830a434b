"""Customer outcomes: do customers reach what they set out to reach with us?"""

from __future__ import annotations

from kamengine.kpi import KPI, Ratio

CUSTOMER_OUTCOMES = KPI(
    id="customer_outcomes",
    version=1,
    title="Customer outcomes",
    doc="""How far customers got towards the goals that they wanted to reach by now.

Inputs: goal.set, goal.progressed, by way of goals.

Shape: one row per goal of the customer's own, at the last instant of the day by which it was due:
its weight times its progress, over its weight. Progress is (value - baseline) / (target - baseline)
cut to between 0 and 1. The value is the ratio of the sums.

Unit: %, as a ratio (0.65 for 65 %).

Empty and null rule: no goal due in the period leaves it undefined. A goal that was never measured
has made no progress; goals of no weight at all leave it undefined too.

Decisions: progress is what was measured last, also where that was after the day: the measure of a
quarter is mostly taken when it is over. A goal set again has the target and the day stated last. A
target below the baseline is one to come down to. Goals of our own (owner us) stay out. A goal
counts for the owner of the account when it was due. Progress that doesn't come out even has six
digits.

Source: seeds 0, 2 and 4 name it; weighted goal attainment is the field's standard.

Example: a goal of weight 2 from 10 to 50, measured at 40: 0.75; one of weight 1 from 8 down to 4,
measured at 9: 0. Together (1.5 + 0) / 3 = 0.5.
""",
    family="relationship",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="weight times progress of the goals due in the period",
    denominator="weight of the goals due in the period",
    source="seeds 0, 2 and 4",
    sql="""
WITH measured AS (
    SELECT
        *,
        quotient(weight * (value - baseline), target - baseline) AS moved
    FROM goals
    WHERE owner = 'customer'
)

SELECT
    account_id,
    local_start(CAST(due_on + 1 AS DATE)) - INTERVAL 1 MICROSECOND AS occurred_at,
    CASE
        WHEN moved IS NULL OR moved <= 0 THEN 0
        WHEN moved > weight THEN weight
        ELSE moved
    END AS numerator,
    weight AS denominator,
    CASE
        WHEN progress_event IS NULL THEN [event_id]
        ELSE [event_id, progress_event]
    END AS event_id
FROM measured
""",
)
