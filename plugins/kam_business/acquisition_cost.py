"""What it costs to win a customer."""

from __future__ import annotations

from kamengine import KPI, Ratio

CUSTOMER_ACQUISITION_COST = KPI(
    id="customer_acquisition_cost",
    version=1,
    title="Customer acquisition cost",
    doc="""
    What the organisation spends on sales and marketing for each customer that it wins.

    Inputs: `cost.recorded` (kind acquisition) and `fx.rate_set`, by way of `costs`;
    `contract.signed`, by way of `contracts`; where accounts decide who is a customer,
    `account.opened`, by way of `customer_spells`.

    Shape: one row per acquisition cost and calendar month that its period touches, over nothing,
    and one per new customer at the moment it was won, nothing over `1`. `part` tells them apart.

    Unit: money per customer, in the reporting currency.

    Empty and null rule: where nobody was won there is nothing to divide by; what was won at no cost
    cost 0. An amount that can't be converted leaves the value undefined and says which rate is
    missing.

    Decisions: it is the organisation's alone: most of it is spent on those who don't become
    customers, so that no account or manager can be charged with it. An account is won when its
    first contract is signed, whenever that begins; whoever comes back isn't new, and an account of
    which the first that is known is a renewal was won before. Cost and customers of one window are
    held against each other, though some were won by what was spent before: ask for a year.

    Source: seed 4 names it; the formula is the field's standard.

    Example: 90,000 spent in a quarter in which 6 customers signed their first contract: 15,000.
    """,
    family="business",
    timing="lagging",
    unit="money/customer",
    better="lower",
    value=Ratio(),
    controllable_by=(),
    numerator="acquisition cost",
    denominator="new customers",
    source="seed 4; field standard",
    sql="""
WITH firsts AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY account_id ORDER BY signed_at, contract_id) AS place
    FROM contracts
    WHERE $active_by = 'contracts'
),

openings AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY account_id ORDER BY starts_at) AS place
    FROM customer_spells
    WHERE $active_by = 'accounts'
)

SELECT
    occurred_at, amount AS numerator, 0 AS denominator, event_id, 'cost' AS part, problem
FROM costs
WHERE kind = 'acquisition'
UNION ALL
SELECT
    signed_at AS occurred_at, 0 AS numerator, 1 AS denominator, event_id,
    'customer' AS part, NULL AS problem
FROM firsts
WHERE place = 1 AND prior_contract_id IS NULL
UNION ALL
SELECT
    starts_at AS occurred_at, 0 AS numerator, 1 AS denominator, start_event AS event_id,
    'customer' AS part, NULL AS problem
FROM openings
WHERE place = 1
""",
)
