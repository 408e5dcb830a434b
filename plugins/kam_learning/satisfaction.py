"""How content our own people are."""

from __future__ import annotations

from kamengine import KPI, Ratio

FEWEST_RESPONDENTS = 5

EMPLOYEE_SATISFACTION = KPI(
    id="employee_satisfaction",
    version=1,
    title="Employee satisfaction",
    doc="""
    The share of our managers' answers that are satisfied ones: 4 or 5 from 1 to 5.

    Inputs: `survey.responded` of kind `esat`, by way of `survey_responses`.

    Shape: one row per answer on a scale from 1 to 5, `1` where it is 4 or more and `0` where it is
    less, over `1`. `item` is the respondent. A roll-up pools answers; it never averages shares.

    Unit: % (kept as a ratio, 0.8 for 80 %).

    Empty and null rule: with fewer than five different respondents the value is withheld, so that
    nobody can be told apart; so a single manager never has one. Without an answer there is no
    value. An answer on another scale counts nowhere: no scale is ever rescaled to another.

    Decisions: every answer in the window counts, also the second one of a manager; the minimum is
    of people. An answer that names no manager is that of somebody else each time, and counts for
    the organisation alone. One that names a manager counts for the team that the manager was in
    when it was given. An account that it names is no matter.

    Source: seed 2 names it; the top-two-box share and the minimum are the field's standard.

    Example: 5, 4, 4, 3 and 2 of five managers are 3 satisfied answers of 5: 0.6.
    """,
    family="learning",
    timing="leading",
    unit="%",
    better="higher",
    value=Ratio(),
    min_items=FEWEST_RESPONDENTS,
    sql="""
SELECT
    manager_id,
    occurred_at,
    CASE WHEN score >= 4 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    coalesce('manager ' || manager_id, 'answer ' || response_id) AS item,
    event_id
FROM survey_responses
WHERE kind = 'esat' AND scale_min = 1 AND scale_max = 5
""",
    source="seed 2; field standard",
    numerator="satisfied answers",
    denominator="answers from 1 to 5",
)
