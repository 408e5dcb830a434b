"""How many of the contracts that ran out were renewed."""

from __future__ import annotations

from kamengine import KPI, Ratio


def _renewal_rate(
    kpi_id: str,
    title: str,
    renewed: str,
    *,
    meaning: str,
    source: str,
    formula: str,
    numerator: str,
    example: str,
) -> KPI:
    """Declare a renewal rate.

    Args:
        kpi_id: Its id.
        title: Its title.
        renewed: SQL over a row of ``contracts``: whether the contract counts as renewed.
        meaning: The first paragraph of its documentation.
        source: Where the formula comes from.
        formula: The formula as written there.
        numerator: What the numerator counts, in words.
        example: A worked example.
    """
    return KPI(
        id=kpi_id,
        version=1,
        title=title,
        doc=f"""
    {meaning}

    Inputs: `contract.signed`, `contract.renewed` and `contract.ended`, by way of `contracts`.

    Shape: one row per contract, at the end that was agreed for it, `1` if it counts as renewed and
    `0` if not, over `1`.

    Unit: % (kept as a ratio, 0.9 for 90 %).

    Empty and null rule: without a contract that ran out in the window there is no value. A
    contract whose end lies ahead isn't in it, renewed or not.

    Decisions: a contract runs out on its last covered day: one up to 31 December is one of
    December, in step with churn. An early renewal counts at that day, not when it was signed; a
    renewal after that day counts there too, and churn shows the gap. A contract cancelled early
    counts at the end that was agreed, as not renewed. A contract superseded by another one without
    a renewal never came up for renewal and counts nowhere.

    Source: {source}: {formula}

    Example: {example}
    """,
        family="retention",
        timing="lagging",
        unit="%",
        better="higher",
        value=Ratio(),
        sql=f"""
SELECT
    contract.account_id,
    contract.planned_ends_at - INTERVAL 1 MICROSECOND AS occurred_at,
    CASE WHEN {renewed} THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN contract.renewed_by IS NULL THEN contract.ended_reason
        WHEN contract.rebid THEN 'renewed after rebid'
        ELSE 'renewed'
    END AS part,
    CASE
        WHEN renewal.event_id IS NOT NULL THEN [contract.event_id, renewal.event_id]
        WHEN contract.end_event <> contract.event_id THEN [contract.event_id, contract.end_event]
        ELSE [contract.event_id]
    END AS event_id
FROM contracts AS contract
LEFT JOIN contracts AS renewal
    ON renewal.account_id = contract.account_id
    AND renewal.contract_id = contract.renewed_by
WHERE contract.renewed_by IS NOT NULL OR contract.ended_reason <> 'superseded'
""",
        source=source,
        numerator=numerator,
        denominator="contracts that ran out",
    )


CONTRACT_RENEWAL_RATE = _renewal_rate(
    "contract_renewal_rate",
    "Contract renewal rate",
    "contract.renewed_by IS NOT NULL",
    meaning="The share of the contracts running out in the window that the customer renewed.",
    source="seeds 0 to 3; field standard",
    formula="contracts renewed ÷ contracts whose end date lies in the window.",
    numerator="contracts that were renewed",
    example="10 contracts run out in May, 9 of them were renewed, 2 of these in March: 9/10 = 0.9.",
)

CONTRACT_RENEWAL_RATE_NO_REBID = _renewal_rate(
    "contract_renewal_rate_no_rebid",
    "Contract renewal rate without rebidding",
    "contract.renewed_by IS NOT NULL AND NOT contract.rebid",
    meaning="The share of the contracts running out in the window that the customer renewed without"
    " asking for new bids.",
    source="seed 1",
    formula="the share of contracts renewed without rebidding.",
    numerator="contracts that were renewed without rebidding",
    example="10 contracts run out in May, 9 of them were renewed, 1 after a rebid: 8/10 = 0.8.",
)
