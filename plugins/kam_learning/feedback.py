"""What those around a manager say of them."""

from __future__ import annotations

from kamengine import KPI, MeanOfParts

FEWEST_RATERS = 3

FEEDBACK_SCORE = KPI(
    id="feedback_score",
    version=1,
    title="Feedback score",
    doc="""
    How those around a manager rate them, each group of raters (peers, reports, superiors) alike.

    Inputs: `feedback.given`.

    Shape: one row per rating, 100 times the score over the most that it could be, at the moment it
    was given. `part` is the group of the rater, `item` the rater. Inside each group the value is
    the mean of its ratings; the value is the mean of the groups. A roll-up pools the ratings of all
    its managers inside each group first; it never averages managers.

    Unit: index from 0 to 100.

    Empty and null rule: with fewer than three different raters the value is withheld, at every
    grain, so that nobody can be told apart. Without a rating there is no value.

    Decisions: every rating in the window counts, also the second one of a rater, as feedback comes
    question by question; the minimum is of raters and not of ratings. A rater who speaks for two
    groups, or of two managers of a team, is still one rater. Groups count alike however many raters
    they have, so that five peers don't drown out one superior. A rating and the mean of a group are
    rounded to six digits.

    Source: seed 1 names it; the mean of groups is the field's standard for 360° feedback.

    Example: peers give 4, 4 and 5 of 5, a superior 2 of 5: (86.666667 + 40)/2 = 63.333334.
    """,
    family="learning",
    timing="lagging",
    unit="index",
    better="higher",
    value=MeanOfParts(),
    min_items=FEWEST_RATERS,
    sql="""
SELECT
    manager_id,
    occurred_at,
    quotient(100 * score, "max") AS numerator,
    rater_group AS part,
    rater_id AS item,
    event_id
FROM feedback_given
""",
    source="seed 1; field standard",
    numerator="mean rating of each group, from 0 to 100, added up",
    denominator="groups of raters",
)
