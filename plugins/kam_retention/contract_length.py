"""Whether customers bind themselves for longer than before."""

from __future__ import annotations

from kamengine import KPI, Mean

DAYS_OF_A_MONTH = 31


def _days(term: str, starts_on: str, ends_on: str) -> str:
    """Return SQL for a term in 31sts of a month: as stated, else counted from its days."""
    return f"""CASE
        WHEN {term} IS NOT NULL THEN {DAYS_OF_A_MONTH} * {term}
        ELSE {DAYS_OF_A_MONTH} * (
                12 * (year({ends_on}) - year({starts_on})) + month({ends_on}) - month({starts_on})
            ) + CASE
                WHEN {ends_on} = last_day({ends_on}) AND {starts_on} = last_day({starts_on}) THEN 0
                ELSE day({ends_on}) - day({starts_on})
            END
    END"""


CONTRACT_LENGTH_INCREASE = KPI(
    id="contract_length_increase",
    version=1,
    title="Increased contract length",
    doc="""
    By how many months the terms of renewed contracts are longer than those that they follow.

    Inputs: `contract.signed` and `contract.renewed`, by way of `contracts`.

    Shape: one row per renewal, at the moment it was agreed: the new term less the prior one, in
    31sts of a month. They are added up over the number of renewals.

    Unit: months; below 0 where terms get shorter.

    Empty and null rule: without a renewal in the window there is no value. Where nothing is known
    of the contract that is renewed, its term can't be known: the value is undefined and says so.

    Decisions: a term is what the contract states in `term_months`; where it states none, it is
    counted from `starts_on` to `ends_on`: whole months between the same days of two months, or
    between the ends of two months, and what is left over in 31sts. (Databases know the rule as
    `months_between`.) The prior term is the one agreed, not the time until an early end. A renewal
    counts when it was agreed, also where the old contract runs on for a while.

    Source: seed 1 names it; the formula is ours.

    Example: 12 months renewed for 24 and 36 renewed for 33: (12 - 3)/2 = 4.5 months.
    """,
    family="retention",
    timing="lagging",
    unit="months",
    better="higher",
    value=Mean(per=DAYS_OF_A_MONTH),
    sql=f"""
WITH terms AS (
    SELECT
        account_id,
        contract_id,
        prior_contract_id,
        signed_at,
        event_id,
        {_days("term_months", "starts_on", "planned_ends_on")} AS days
    FROM contracts
)

SELECT
    renewal.account_id,
    renewal.signed_at AS occurred_at,
    renewal.days - prior.days AS numerator,
    CASE
        WHEN prior.event_id IS NULL THEN [renewal.event_id]
        ELSE [prior.event_id, renewal.event_id]
    END AS event_id,
    CASE
        WHEN prior.event_id IS NULL
            THEN 'contract ' || renewal.contract_id || ' of ' || renewal.account_id || ' renews '
                || renewal.prior_contract_id || ', of which nothing is known'
    END AS problem
FROM terms AS renewal
LEFT JOIN terms AS prior
    ON prior.account_id = renewal.account_id
    AND prior.contract_id = renewal.prior_contract_id
WHERE renewal.prior_contract_id IS NOT NULL
""",
    source="seed 1; the formula is ours",
    numerator="31sts of a month by which the new term is longer",
    denominator="renewals, 31 to the month",
)
