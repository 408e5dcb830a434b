"""Account plan quality: how good the plan is that we have for an account."""

from __future__ import annotations

from kamengine.kpi import KPI, Latest

ACCOUNT_PLAN_QUALITY = KPI(
    id="account_plan_quality",
    version=1,
    title="Account plan quality",
    doc="""How much of what makes a good account plan the account's present plan has.

Inputs: plan.published, plan.scored, by way of plan_scores.

Shape: one row per score of a criterion (weight times score over weight times the highest score),
and one row of nothing, without an event, where a new version of the plan puts an end to a score. Of
each criterion the latest row up to the window's end counts, however old. The value is the ratio of
the sums. `part` is the criterion.

Unit: %, as a ratio (0.75 for 75 %).

Empty and null rule: before a published plan is first scored there is no value; nor after a new
version is published, until that is scored.

Decisions: an account has one plan, the one published last, whatever its id and version number; a
version is published when that is first said. A score belongs to the plan in force when it was
given; a score of a plan that isn't published, or not the present one, doesn't count. A criterion
scored again counts once, as last scored. A roll-up pools the weighted scores of its accounts. A
score counts for the owner of the account when it was given.

Source: seed 1 names it; the weighted rubric is the field's standard.

Example: insight 4 of 5 (weight 3) and actions 2 of 5 (weight 1): (12 + 2) / (15 + 5) = 0.7.
""",
    family="relationship",
    timing="leading",
    unit="%",
    better="higher",
    value=Latest(carried=True),
    numerator="weight times score of each criterion",
    denominator="weight times the highest score of each criterion scored",
    source="seed 1",
    sql="""
SELECT
    account_id,
    valid_from AS occurred_at,
    criterion AS item,
    criterion AS part,
    CAST(round(weight * score, 6) AS DECIMAL(38, 6)) AS numerator,
    CAST(round(weight * max, 6) AS DECIMAL(38, 6)) AS denominator,
    event_id
FROM plan_scores
UNION ALL
-- what follows at the same instant outranks it
SELECT
    account_id,
    valid_to AS occurred_at,
    criterion AS item,
    criterion AS part,
    0 AS numerator,
    0 AS denominator,
    NULL AS event_id
FROM plan_scores
WHERE valid_to IS NOT NULL
""",
)
