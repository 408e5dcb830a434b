"""Solution proposal relevance: do our proposals answer what the customer needs?"""

from __future__ import annotations

from kamengine.kpi import KPI, Mean

SOLUTION_PROPOSAL_RELEVANCE = KPI(
    id="solution_proposal_relevance",
    version=1,
    title="Solution proposal relevance",
    doc="""How well our proposals meet the customer's needs, on a scale from 0 to 100.

Inputs: proposal.rated, proposal.submitted, by way of proposals.

Shape: one row per proposal with a rating, at the moment of that rating: 25 · (score - 1). The value
is the mean. `part` is the rater: customer or manager.

Unit: index from 0 to 100.

Empty and null rule: no proposal rated in the period leaves it undefined; one that nobody rated
stays out.

Decisions: a proposal counts once, with one rating: the customer's latest, or the manager's latest
where the customer gave none. So a customer's rating takes the manager's out of the period in which
that was given, as if it had never been needed. It counts for the owner of the account then.

Source: seed 1 names it; the formula is ours.

Example: two proposals, one rated 5 by the manager and 3 by the customer, one 4 by the manager
alone: (50 + 75) / 2 = 62.5.
""",
    family="relationship",
    timing="leading",
    unit="index 0-100",
    better="higher",
    value=Mean(),
    numerator="25 times what the score is above 1",
    denominator="proposals rated",
    source="seed 1",
    sql="""
SELECT
    account_id,
    rated_at AS occurred_at,
    25 * (score - 1) AS numerator,
    CASE
        WHEN submitted_event IS NULL THEN [rated_event]
        ELSE [submitted_event, rated_event]
    END AS event_id,
    rater AS part
FROM proposals
WHERE rated_at IS NOT NULL
""",
)
