"""Net profit margin: what remains of revenue at the bottom line."""

from __future__ import annotations

from kamengine import KPI, Params, Ratio


class Lines(Params, frozen=True):
    """Which lines of the profit and loss account to read.

    Attributes:
        income_line: The line that has the net income.
        revenue_line: The line that has the revenue; empty, the revenue recognised counts.
    """

    income_line: str = "net_income"
    revenue_line: str = ""


NET_PROFIT_MARGIN = KPI(
    id="net_profit_margin",
    version=1,
    title="Net profit margin",
    doc="""
    How much of the organisation's revenue is left as net income.

    Inputs: `pnl.posted` and `fx.rate_set`, by way of `pnl`; `revenue.recognized`, by way of
    `revenue`, unless `revenue_line` names a line of the profit and loss account.

    Shape: one row per posting to the line of net income, over nothing, and one per amount of
    revenue, nothing over itself; each by the calendar months that its period touches. `part` tells
    them apart.

    Unit: % (kept as a ratio; negative where there is a loss).

    Empty and null rule: without revenue there is nothing to divide by. An amount that can't be
    converted leaves the value undefined and says which rate is missing.

    Decisions: it is the organisation's alone, since net income belongs to no account or manager.
    Every posting to a line counts, as in a ledger: one that is wrong is corrected or retracted.
    Revenue is that which was recognised, as for `gross_margin`, so that the two margins can be
    compared.

    Source: seed 4 names it; the formula is the field's standard.

    Example: a net income of 80 on a revenue of 1,000: 0.08.
    """,
    family="business",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    params=Lines(),
    controllable_by=(),
    numerator="net income",
    denominator="revenue",
    source="seed 4; field standard",
    sql="""
SELECT
    occurred_at, amount AS numerator, 0 AS denominator, event_id, line AS part, problem
FROM pnl
WHERE line = $income_line
UNION ALL
SELECT
    occurred_at, 0 AS numerator, amount AS denominator, event_id, line AS part, problem
FROM pnl
WHERE line = $revenue_line
UNION ALL
SELECT
    occurred_at, 0 AS numerator, amount AS denominator, event_id, 'revenue' AS part, problem
FROM revenue
WHERE $revenue_line = ''
""",
)
