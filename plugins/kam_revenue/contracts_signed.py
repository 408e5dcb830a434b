"""Contracts signed."""

from __future__ import annotations

from kamengine import KPI, Sum

CONTRACTS_SIGNED = KPI(
    id="contracts_signed",
    version=1,
    title="Contracts signed",
    doc="""
    How many contracts were signed.

    Inputs: `contract.signed`, by way of `contracts`.

    Shape: one row per contract at the moment it was signed. They are counted.

    Unit: contracts.

    Empty and null rule: none is a true zero.

    Decisions: a contract that is stated again counts once, when it was first stated. A renewal is
    no contract signed: see `contract_renewal_rate`. A contract counts for the owner of the account
    at that moment.

    Source: seed 4 names it; the count is the field's standard.

    Example: two contracts signed in April and one in May: 3 in the second quarter.
    """,
    family="revenue",
    timing="lagging",
    unit="contracts",
    better="higher",
    value=Sum(),
    empty="zero",
    numerator="contracts signed",
    source="seed 4; field standard",
    sql="""
SELECT account_id, signed_at AS occurred_at, 1 AS numerator, event_id
FROM contracts
WHERE prior_contract_id IS NULL
""",
)
