"""What was earned."""

from __future__ import annotations

from kamengine import KPI, Sum

SALES_REVENUE = KPI(
    id="sales_revenue",
    version=1,
    title="Sales revenue",
    doc="""
    The revenue recognised in the window, in the reporting currency.

    Inputs: `revenue.recognized` and `fx.rate_set`, by way of `revenue`.

    Shape: one row per recognised amount and calendar month that its period touches. They are added
    up; `part` is the product.

    Unit: money, in the reporting currency.

    Empty and null rule: no revenue is a true zero. An amount for which no exchange rate is known
    leaves the value undefined, and says so: a sum that lacks a part is never shown.

    Decisions: an amount is recognised evenly over the days of its period; what falls to a month
    counts at the start of the period's part of that month, so that months add up exactly and a
    window that cuts a month takes all of that part or nothing. A negative amount (a credit note)
    counts as it is. The rate is the one that held when the event occurred. A manager whom the event
    names answers for it; else the owner at that moment does.

    Source: seed 4 names it; the formula is the field's standard.

    Example: 9,000 for January to March is 3,100 for January's 31 of 90 days, 2,800 for February's
    28 and 3,100 for March's 31.
    """,
    family="business",
    timing="lagging",
    unit="money",
    better="higher",
    value=Sum(),
    empty="zero",
    sql="""
SELECT
    account_id, manager_id, occurred_at, amount AS numerator, product AS part, event_id, problem
FROM revenue
""",
    source="seed 4; field standard",
    numerator="revenue recognised",
)
