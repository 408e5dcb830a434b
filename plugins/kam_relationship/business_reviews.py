"""Business reviews: held with the customer, and held when they were due."""

from __future__ import annotations

from kamengine.kpi import KPI, Ratio, Sum

BUSINESS_REVIEWS_COMPLETED = KPI(
    id="business_reviews_completed",
    version=1,
    title="Business reviews completed",
    doc="""How many reviews of the business we held together with customers.

Inputs: review.held, review.scheduled, by way of reviews.

Shape: one row per review at the moment that it was held; numerator 1. `part` is the kind of review.

Unit: count.

Empty and null rule: no review held is a true zero.

Decisions: a review counts once, when it was last said to be held, whether it had been scheduled or
not, for the manager who held it.

Source: seed 1 names it; the formula is the field's standard.

Example: two quarterly reviews held in March, one of them a month late, a third one missed: 2.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="count",
    better="higher",
    value=Sum(),
    empty="zero",
    numerator="reviews held",
    source="seed 1",
    sql="""
SELECT
    account_id,
    manager_id,
    held_at AS occurred_at,
    1 AS numerator,
    held_event AS event_id,
    kind AS part
FROM reviews
WHERE held_at IS NOT NULL
""",
)

BUSINESS_REVIEWS_ON_TIME = KPI(
    id="business_reviews_on_time",
    version=1,
    title="Business reviews held on time",
    doc="""Of the business reviews that were due in the period, how many were held by their day.

Inputs: review.scheduled, review.held, by way of reviews.

Shape: one row per scheduled review at the last instant of the day by which it was due; numerator 1
where it was held by the end of that day, else 0. The value is the ratio of the sums. `part` is the
kind of review.

Unit: %, as a ratio (0.9 for 90 %).

Empty and null rule: no review due in the period leaves it undefined. A review that was never
scheduled was never due, and stays out.

Decisions: a review counts in the period in which it was due, also when it was held before that. It
counts once its day is over, so one that is due today isn't late yet. Scheduled again, it is due on
the day stated last. It counts for the manager who held it, else for the one who scheduled it.

Source: seed 1; the companion rate of business_reviews_completed is ours.

Example: four reviews due in March; one held in February, one on its day, one a day late, one never:
2/4.
""",
    family="relationship",
    timing="leading",
    kind="activity",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="reviews due in the period and held by their day",
    denominator="reviews due in the period",
    source="seed 1",
    sql="""
SELECT
    account_id,
    manager_id,
    local_start(CAST(due_on + 1 AS DATE)) - INTERVAL 1 MICROSECOND AS occurred_at,
    CASE WHEN on_time THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN held_event IS NULL THEN [scheduled_event]
        ELSE [scheduled_event, held_event]
    END AS event_id,
    kind AS part
FROM reviews
WHERE due_on IS NOT NULL
""",
)
