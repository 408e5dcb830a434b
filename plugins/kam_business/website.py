"""The website: how many come, and how many do there what we hope for."""

from __future__ import annotations

from kamengine import KPI, Params, Ratio, Sum

WEBSITE_TRAFFIC = KPI(
    id="website_traffic",
    version=1,
    title="Website traffic",
    doc="""
    How many visits the website had.

    Inputs: `web.visits_counted`, by way of `web_visits`.

    Shape: one row per count and calendar month that its period touches, with its visits. They are
    added up.

    Unit: visits.

    Empty and null rule: nothing counted is a true zero.

    Decisions: a count is spread evenly over the days of its period; what falls to a month counts at
    the start of the period's part of that month. Of counts by one source for one period the latest
    holds; counts by several sources (several sites) add up. Periods that overlap otherwise are
    added up as they are. It is the organisation's alone.

    Source: seed 4 names it; the sum is the field's standard.

    Example: 3,100 visits counted for January and 2,800 for February: 5,900 by the end of February.
    """,
    family="business",
    timing="leading",
    unit="visits",
    better="higher",
    value=Sum(),
    empty="zero",
    controllable_by=(),
    numerator="visits",
    source="seed 4; field standard",
    sql="""
SELECT occurred_at, visits AS numerator, event_id
FROM web_visits
""",
)

WEBSITE_UNIQUE_VISITORS = KPI(
    id="website_unique_visitors",
    version=1,
    title="Unique visitors of the website",
    doc="""
    How many different visitors the website had.

    Inputs: `web.visits_counted`, where it states `unique`.

    Shape: one row per window and count for exactly that window, with its unique visitors. Where
    there are counts for periods within the window alone, one row that says so instead of an amount.

    Unit: visitors.

    Empty and null rule: where nobody counted there is no value. Counts of shorter periods leave it
    undefined, with that reason.

    Decisions: whoever comes in January and in February is one visitor and not two, so that months
    never add up to a quarter: only a count for just this window has its value. A window still open
    is one that ends "as of". Of counts by one source the latest holds; those of several sources
    (several sites) are added up, as if nobody visited two. It is the organisation's alone.

    Source: seed 4, beside website traffic; the count is the field's standard, not to add it up is
    ours.

    Example: 900 unique visitors counted for January, 800 for February and 2,000 for the quarter:
    900, 800 and 2,000; without the last, no value for the quarter.
    """,
    family="business",
    timing="leading",
    unit="visitors",
    better="higher",
    value=Sum(),
    controllable_by=(),
    numerator="unique visitors",
    source="seed 4; ours",
    sql="""
WITH counts AS (
    SELECT
        local_start(period_start) AS starts_at,
        local_start(period_end) AS ends_at,
        "unique" AS visitors,
        event_id
    FROM web_visits_counted
    QUALIFY row_number() OVER (
        PARTITION BY source, period_start, period_end ORDER BY occurred_at DESC, id DESC
    ) = 1
),

exact AS (
    SELECT windows.period, counts.visitors, counts.event_id
    FROM windows
    INNER JOIN counts
        ON counts.starts_at = windows.t0
        AND counts.ends_at = windows.t1
    WHERE counts.visitors IS NOT NULL
),

partial AS (
    SELECT windows.period, list_sort(array_agg(counts.event_id)) AS event_ids
    FROM windows
    INNER JOIN counts
        ON counts.starts_at >= windows.t0
        AND counts.starts_at < windows.t1
    WHERE counts.visitors IS NOT NULL
    GROUP BY windows.period
)

SELECT period, visitors AS numerator, [event_id] AS event_id, NULL AS problem
FROM exact
UNION ALL
SELECT
    period,
    NULL AS numerator,
    event_ids AS event_id,
    'unique visitors were counted for other periods, and don''t add up' AS problem
FROM partial
WHERE NOT EXISTS (SELECT 1 FROM exact WHERE exact.period = partial.period)
""",
)


class Goals(Params, frozen=True):
    """Which goals count.

    Attributes:
        goals: Their ids; with none, every goal counts.
    """

    goals: tuple[str, ...] = ()


WEBSITE_GOAL_ACTIONS = KPI(
    id="website_goal_actions",
    version=1,
    title="Website key actions",
    doc="""
    The share of the visits to the website that reached a goal.

    Inputs: `web.goal_counted` and `web.visits_counted`, by way of `web_goals` and `web_visits`.

    Shape: one row per count of a goal, its visits over nothing, and one per count of visits,
    nothing over its visits; each by the calendar months that its period touches. `part` is the
    goal.

    Unit: % (kept as a ratio).

    Empty and null rule: without visits there is nothing to divide by; visits and no goal give 0.

    Decisions: counts are spread over months as for `website_traffic`. They say how many visits
    reached each goal, not how many reached more than one: a visit that reached two counts twice.
    Whoever counts the visits with at least one goal under an id of their own names that id alone
    in `goals`. It is the organisation's alone.

    Source: seed 4 names it; the formula is the field's standard.

    Example: 50 of 4,000 visits asked for a demo: 0.0125.
    """,
    family="business",
    timing="leading",
    unit="%",
    better="higher",
    value=Ratio(),
    params=Goals(),
    controllable_by=(),
    numerator="visits that reached a goal",
    denominator="visits",
    source="seed 4; field standard",
    sql="""
SELECT occurred_at, visits AS numerator, 0 AS denominator, event_id, goal_id AS part
FROM web_goals
WHERE array_length($goals) = 0 OR list_contains($goals, goal_id)
UNION ALL
SELECT occurred_at, 0 AS numerator, visits AS denominator, event_id, NULL AS part
FROM web_visits
""",
)
