"""The bottom line: net income, and how much of the revenue it is."""

from __future__ import annotations

from decimal import Decimal

from kamengine import KPI, Formula, Operand, Params, Sum


class Line(Params, frozen=True):
    """Which line of the profit and loss account to read.

    Attributes:
        line: The line that has the net income.
    """

    line: str = "net_income"


NET_INCOME = KPI(
    id="net_income",
    version=1,
    title="Net income",
    doc="""
    What is left for the organisation when all is paid.

    Inputs: `pnl.posted` and `fx.rate_set`, by way of `pnl`.

    Shape: one row per posting to the line of net income and calendar month that its period touches.
    They are added up.

    Unit: money, in the reporting currency.

    Empty and null rule: without a posting there is no value: nobody has closed the books. An amount
    that can't be converted leaves the value undefined and says which rate is missing.

    Decisions: every posting to the line counts, as in a ledger: one that is wrong is corrected or
    retracted. It is spread evenly over the days of its period. It is the organisation's alone,
    since net income belongs to no account or manager.

    Source: seed 4, as part of net profit margin.

    Example: 90 posted for January to March, and -5 for March: 85 for the quarter, 26 for March.
    """,
    family="business",
    timing="lagging",
    unit="money",
    better="higher",
    value=Sum(),
    params=Line(),
    controllable_by=(),
    numerator="net income",
    source="seed 4; field standard",
    sql="""
SELECT occurred_at, amount AS numerator, event_id, problem
FROM pnl
WHERE line = $line
""",
)

NET_PROFIT_MARGIN = KPI(
    id="net_profit_margin",
    version=1,
    title="Net profit margin",
    doc="""
    How much of the organisation's revenue is left as net income.

    Inputs: the KPIs `net_income` and `sales_revenue`, of the organisation.

    Shape: a formula, without evidence of its own: one over the other.

    Unit: % (kept as a ratio; negative where there is a loss).

    Empty and null rule: without a posting of net income there is no value, and without revenue
    there is nothing to divide by. An amount that can't be converted leaves the value undefined and
    says which rate is missing.

    Decisions: it is the organisation's alone, as net income is. Revenue is that which was
    recognised, as for `gross_margin`, so that the two margins can be compared.

    Source: seed 4 names it; the formula is the field's standard.

    Example: a net income of 80 on a revenue of 1,000: 0.08.
    """,
    family="business",
    timing="lagging",
    unit="%",
    better="higher",
    value=Formula(
        operands={
            "income": Operand(kpi="net_income"),
            "revenue": Operand(kpi="sales_revenue", of="organisation", empty=Decimal(0)),
        },
        numerator="income_numerator",
        denominator="revenue_numerator",
    ),
    controllable_by=(),
    numerator="net income",
    denominator="revenue",
    source="seed 4; field standard",
)
