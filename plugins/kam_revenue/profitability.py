"""Profitability: what an account leaves after its costs, and which leave less than nothing."""

from __future__ import annotations

from kam_events.steps import events_of, steps
from kamengine import KPI, Ratio, Sum

_COSTS = "kind IN ('cogs', 'cost_to_serve') AND account_id IS NOT NULL"

_RESULTS = f"""
SELECT
    account_id, occurred_at, amount AS numerator, amount AS denominator, event_id,
    'revenue' AS part, problem
FROM revenue
UNION ALL
SELECT
    account_id, occurred_at, -amount AS numerator, 0 AS denominator, event_id,
    kind AS part, problem
FROM costs
WHERE {_COSTS}
"""

ACCOUNT_PROFITABILITY = KPI(
    id="account_profitability",
    version=1,
    title="Account profitability",
    doc="""
    What is left of an account's revenue once it has been made, delivered and looked after.

    Inputs: `revenue.recognized`, `cost.recorded` and `fx.rate_set`, by way of `revenue` and
    `costs`.

    Shape: one row per recognised amount, over itself, and one per cost of goods sold or cost to
    serve, subtracted, over nothing; each by the calendar months that its period touches. `part`
    tells revenue, cogs and cost_to_serve apart.

    Unit: % (kept as a ratio; negative where costs exceed revenue).

    Empty and null rule: without revenue there is nothing to divide by. An amount that can't be
    converted leaves the value undefined and says which rate is missing.

    Decisions: only costs that name an account count, in roll-ups too: those of the organisation as
    a whole are in `gross_margin`. Acquisition and other costs don't count. Amounts count for the
    owner of the account when they do, whoever recorded them.

    Source: seed 3 names it; contribution over revenue is the field's standard.

    Example: revenue of 1,000, cost of goods sold of 400 and cost to serve of 150: 450/1,000 = 0.45.
    """,
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="revenue less cost of goods sold and cost to serve",
    denominator="revenue",
    source="seed 3; field standard",
    sql=_RESULTS,
)

ACCOUNT_PROFITABILITY_AMOUNT = KPI(
    id="account_profitability_amount",
    version=1,
    title="Account profitability, in money",
    doc="""
    How much money an account leaves once it has been made, delivered and looked after.

    Inputs: as for `account_profitability`.

    Shape: as for `account_profitability`; the numerators are added up.

    Unit: money, in the reporting currency.

    Empty and null rule: neither revenue nor costs is a true zero. An amount that can't be converted
    leaves the value undefined and says which rate is missing.

    Decisions: as for `account_profitability`.

    Source: seed 3 names it; contribution is the field's standard.

    Example: revenue of 1,000, cost of goods sold of 400 and cost to serve of 150: 450.
    """,
    family="revenue",
    timing="lagging",
    unit="money",
    better="higher",
    value=Sum(),
    empty="zero",
    numerator="revenue less cost of goods sold and cost to serve",
    source="seed 3; field standard",
    sql=_RESULTS,
)

_TWELVE_MONTHS = f"""
WITH results AS (
    SELECT account_id, occurred_at, amount, event_id, problem
    FROM revenue
    UNION ALL
    SELECT account_id, occurred_at, -amount AS amount, event_id, problem
    FROM costs
    WHERE {_COSTS}
),

{steps("results", "amount")},

sums AS (
    SELECT
        windows.period,
        steps.account_id,
        coalesce(sum(steps.amount), 0) AS amount,
        min(steps.problem) AS problem,
        {events_of("steps", indent=8)}
    FROM windows
    INNER JOIN steps
        ON steps.occurred_at >= windows.year_ago
        AND steps.occurred_at < windows.t1
    GROUP BY windows.period, steps.account_id
)

SELECT
    period,
    account_id,
    CASE WHEN problem IS NULL THEN CASE WHEN amount < 0 THEN 1 ELSE 0 END END AS numerator,
    event_id,
    more_events,
    problem
FROM sums
"""

_RULES = """
    Decisions: the twelve months are those up to the window's end, or to "as of" while it is open,
    however long the window is. Exactly nothing left is not unprofitable. Whether the account still
    is a customer doesn't matter: what it cost was spent. Only costs that name the account count,
    as for `account_profitability`. An account counts for its owner at the window's end.

    Source: seed 1 names it; twelve months and these costs are the field's standard.
"""

UNPROFITABLE_CUSTOMERS = KPI(
    id="unprofitable_customers",
    version=1,
    title="Unprofitable customers",
    doc=f"""
    How many accounts cost more in the last twelve months than they brought in.

    Inputs: as for `account_profitability`.

    Shape: one row per window and account whose revenue less cost of goods sold and cost to serve
    came to less than nothing in the twelve months up to the window's end. They are counted.

    Unit: accounts.

    Empty and null rule: none is a true zero. Where an account's result can't be known for want of
    an exchange rate, the value is undefined and says so.
{_RULES}
    Example: A brought in 500 and cost 600, B 500 and 500, C cost 10: A and C, 2.
    """,
    family="revenue",
    timing="lagging",
    unit="accounts",
    better="lower",
    value=Sum(),
    empty="zero",
    numerator="accounts with costs above revenue in the last twelve months",
    source="seed 1; field standard",
    sql=f"{_TWELVE_MONTHS}WHERE amount < 0 OR problem IS NOT NULL",
)

UNPROFITABLE_CUSTOMERS_SHARE = KPI(
    id="unprofitable_customers_share",
    version=1,
    title="Share of unprofitable customers",
    doc=f"""
    Of the accounts with revenue or costs in the last twelve months, how many cost more than they
    brought in.

    Inputs: as for `account_profitability`.

    Shape: one row per window and account with revenue, cost of goods sold or cost to serve in the
    twelve months up to the window's end: `1` if that comes to less than nothing, else `0`, over
    `1`.

    Unit: % (kept as a ratio).

    Empty and null rule: without such an account there is no value. Where an account's result can't
    be known for want of an exchange rate, the value is undefined and says so.
{_RULES}
    Example: A brought in 500 and cost 600, B 500 and 500, C cost 10: A and C of three, 0.6667.
    """,
    family="revenue",
    timing="lagging",
    unit="%",
    better="lower",
    value=Ratio(),
    numerator="accounts with costs above revenue in the last twelve months",
    denominator="accounts with revenue or costs in the last twelve months",
    source="seed 1; field standard",
    sql=_TWELVE_MONTHS,
)
