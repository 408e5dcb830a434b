"""Internal collaboration: how colleagues find it to work with a manager."""

from __future__ import annotations

from kamengine.kpi import KPI, Latest

INTERNAL_COLLABORATION = KPI(
    id="internal_collaboration",
    version=1,
    title="Internal collaboration",
    doc="""How colleagues rate the collaboration with a manager, on a scale from 0 to 100.

Inputs: collaboration.rated.

Shape: one row per rating of a manager, 100 · (score - 1) / (scale_max - 1); of each rater and
manager the latest rating in the window counts. The value is their mean. `part` is the rater's
department.

Unit: index from 0 to 100.

Empty and null rule: fewer than three raters in the window and the value is withheld, so that nobody
can tell who said what; none at all leaves it undefined. A rating off its own scale isn't taken.

Decisions: the minimum is of raters and not of ratings, so each rater speaks once, with what they
said last; of two ratings at the same instant the higher one counts. In a team or the organisation a
rater speaks once for each manager whom they rated, and the three are such pairs. Ratings name no
account: an account has no value. A share that doesn't come out even has six digits.

Source: seed 1 names it; the formula and the minimum are ours.

Example: 4 of 5, 5 of 5 and 7 of 10: (75 + 100 + 66.666667) / 3 = 80.555556.
""",
    family="relationship",
    timing="leading",
    unit="index 0-100",
    better="higher",
    value=Latest(),
    min_count=3,
    numerator="ratings on a scale from 0 to 100",
    denominator="raters",
    source="seed 1",
    sql="""
SELECT
    NULL AS account_id,
    manager_id,
    occurred_at,
    manager_id || ' rated by ' || rater_id AS item,
    quotient(100 * (score - 1), scale_max - 1) AS numerator,
    1 AS denominator,
    event_id,
    department AS part
FROM collaboration_rated
""",
)
