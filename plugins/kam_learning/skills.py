"""What our managers can do, and whether they get better at it."""

from __future__ import annotations

from kamengine import KPI, Latest, Ratio

SECONDS_A_YEAR = 365 * 86_400

SKILL_ASSESSMENT_SCORE = KPI(
    id="skill_assessment_score",
    version=1,
    title="Skill assessment score",
    doc="""
    How much of what can be reached a manager reached in the last assessment of each competency.

    Inputs: `assessment.completed`, by way of `assessments`; `manager.left` for who is still there.

    Shape: one row per assessment, its score over its maximum; of each manager and competency the
    latest one up to the window's end counts, however old. `part` is the competency. A roll-up pools
    the scores and maxima of its managers.

    Unit: % (kept as a ratio, 0.8 for 80 %).

    Empty and null rule: before the first assessment there is no value.

    Decisions: a skill stands until it is assessed again, with whatever instrument. Of two
    assessments with one instrument on one day the last counts, of two at one instant with different
    instruments the one with the higher score. A manager who has left counts no more from that
    moment on. An assessment counts for the team that the manager was in when it was
    made.

    Source: seed 1 names it; the formula is the field's standard.

    Example: negotiation 40 of 50 in May after 30 of 50 in March, product 20 of 50 in March:
    (40 + 20)/(50 + 50) = 0.6.
    """,
    family="learning",
    timing="lagging",
    unit="%",
    better="higher",
    value=Latest(carried=True),
    sql="""
SELECT
    manager_id,
    occurred_at,
    manager_id || ' in ' || competency AS item,
    competency AS part,
    score AS numerator,
    max_score AS denominator,
    event_id
FROM assessments
UNION ALL
-- nothing over nothing takes the place of what somebody who has left could do
SELECT
    gone.manager_id,
    gone.occurred_at,
    gone.manager_id || ' in ' || skill.competency AS item,
    skill.competency AS part,
    0 AS numerator,
    0 AS denominator,
    NULL AS event_id
FROM manager_left AS gone
INNER JOIN (SELECT DISTINCT manager_id, competency FROM assessments) AS skill
    ON skill.manager_id = gone.manager_id
""",
    source="seed 1; field standard",
    numerator="scores of the latest assessment of each competency",
    denominator="maxima of these assessments",
)

CONTINUOUS_IMPROVEMENT_RATE = KPI(
    id="continuous_improvement_rate",
    version=1,
    title="Continuous improvement rate",
    doc=f"""
    By how much a year a manager's skills improve from one assessment to the next.

    Inputs: `assessment.completed`, by way of `assessments`.

    Shape: one row per assessment of a competency that was assessed before with the same instrument,
    at the moment of the later one: the change of its score in points of 100, times the
    {SECONDS_A_YEAR:,} seconds of a year, over the previous score times the seconds in between.
    `part` is the competency. A roll-up pools both sums.

    Unit: % a year (kept as a ratio, 0.2 for 20 % a year); below 0 where skills get worse.

    Empty and null rule: without a second assessment in the window there is no value. From a score
    of 0 no rate can be told: such a step counts nowhere.

    Decisions: scores are taken as shares of their maxima, rounded to six digits, so that a changed
    maximum is no change of skill. A year is 365 days, and the rate is simple: growth over half a
    year counts double. Of several steps in a window all count, by score and time. Of two
    assessments with one instrument on one day the last counts.

    Source: seed 1 names it; the formula is ours.

    Example: 50 of 100 on 1 July 2025 and 60 of 100 on 1 July 2026: 10/50 over one year = 0.2.
    """,
    family="learning",
    timing="lagging",
    unit="%/year",
    better="higher",
    value=Ratio(),
    sql=f"""
WITH steps AS (
    SELECT
        manager_id,
        competency,
        occurred_at,
        points,
        event_id,
        lag(occurred_at) OVER so_far AS occurred_before,
        lag(points) OVER so_far AS points_before,
        lag(event_id) OVER so_far AS event_before
    FROM assessments
    WINDOW so_far AS (PARTITION BY manager_id, instrument, competency ORDER BY occurred_at)
)

SELECT
    manager_id,
    occurred_at,
    {SECONDS_A_YEAR} * (points - points_before) AS numerator,
    points_before * seconds_between(occurred_before, occurred_at) AS denominator,
    competency AS part,
    [event_before, event_id] AS event_id
FROM steps
WHERE points_before > 0
""",
    source="seed 1; the formula is ours",
    numerator="change of score times the seconds of a year",
    denominator="previous score times the seconds since",
)
