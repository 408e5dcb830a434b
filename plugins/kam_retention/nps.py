"""How likely customers are to recommend us."""

from __future__ import annotations

from kamengine import KPI, Latest

NPS = KPI(
    id="nps",
    version=1,
    title="Net Promoter Score",
    doc="""
    How many more of an account's contacts would recommend us than would warn against us.

    Inputs: `survey.responded` of kind `nps`, by way of `survey_responses`.

    Shape: one row per answer, `100` for a promoter (9 or 10), `-100` for a detractor (0 to 6) and
    `0` for a passive (7 or 8), over `1`. Only the latest answer of each contact in the window
    counts. A roll-up pools answers; it never averages scores.

    Unit: points from -100 to 100.

    Empty and null rule: without an answer in the window there is no score. An answer is a whole
    number from 0 to 10, or the log doesn't take it.

    Decisions: an answer that names no contact can't replace another, so each such answer counts.
    A contact is one person within one account. Of two answers of a contact at the same instant the
    higher one counts. An answer counts for the owner of the account when it was given, whoever it
    names; only where it names no account does it count for the manager it names.

    Source: named by all seeds; the formula is the field's standard (Reichheld, 2003).

    Example: 10, 9, 9, 8, 7, 6 and 0 are 3 promoters and 2 detractors of 7: 100/7 = 14.2857.
    """,
    family="retention",
    timing="lagging",
    unit="points",
    better="higher",
    value=Latest(),
    sql="""
SELECT
    account_id,
    CASE WHEN account_id IS NULL THEN manager_id END AS manager_id,
    occurred_at,
    coalesce('contact ' || contact_id, 'answer ' || response_id) AS item,
    CASE promoter_group WHEN 'promoter' THEN 100 WHEN 'detractor' THEN -100 ELSE 0 END AS numerator,
    1 AS denominator,
    promoter_group AS part,
    event_id
FROM survey_responses
WHERE kind = 'nps'
""",
    source="seeds 0 to 4; field standard",
    numerator="100 times (promoters minus detractors)",
    denominator="contacts who answered",
)
