"""Customer lifetime value by what is left of revenue, and by what has come in so far."""

from __future__ import annotations

from kam_events.steps import events_of, steps
from kam_revenue.lifetime_value import Horizon
from kamengine import KPI, Formula, Operand, Ratio

_CAPPED = "years * churn_denominator > cap_years * churn_numerator"

CUSTOMER_LIFETIME_VALUE_MARGIN = KPI(
    id="customer_lifetime_value_margin",
    version=1,
    title="Customer lifetime value, by margin",
    doc="""
    What a customer leaves us: a year's gross profit times the years that customers stay.

    Inputs: the KPIs `revenue_per_account` and `gross_margin` (of the subject) and
    `customer_churn_rate` (of the organisation).

    Shape: a formula, without evidence of its own: `customer_lifetime_value` times `gross_margin`.
    The revenue that one has above the line the other has below it, so it is left out of both, and
    nothing is rounded on the way.

    Unit: money, in the reporting currency.

    Empty and null rule: undefined where any of the three is. No churn at all means a lifespan
    without end, so the cap holds, and the value says so: "capped at 10 years".

    Decisions: as for `customer_lifetime_value`. The margin is the subject's own, over the same
    window.

    Source: seed 2 for lifetime value; by margin it is the field's standard.

    Example: 120,000 a year, a churn of 8 % a year and a margin of 40 %: 1,500,000 · 0.4 = 600,000;
    capped at 10 years, 480,000.
    """,
    family="revenue",
    timing="lagging",
    unit="money",
    better="higher",
    value=Formula(
        operands={
            "revenue": Operand(kpi="revenue_per_account"),
            "margin": Operand(kpi="gross_margin"),
            "churn": Operand(kpi="customer_churn_rate", of="organisation"),
        },
        numerator=f"""
            CASE
                WHEN {_CAPPED} THEN margin_numerator * 12 * cap_years
                ELSE margin_numerator * churn_denominator
            END""",
        denominator=f"""
            CASE
                WHEN {_CAPPED} THEN revenue_denominator * round(years * 12, 6)
                ELSE revenue_denominator * churn_numerator
            END""",
        flag=f"CASE WHEN {_CAPPED} THEN 'capped at ' || cap_years || ' years' END",
    ),
    params=Horizon(),
    numerator="gross profit times the upper side of the lifespan",
    denominator="active accounts times the lower side of the lifespan",
    source="seed 2; field standard",
)

CUSTOMER_LIFETIME_VALUE_HISTORIC = KPI(
    id="customer_lifetime_value_historic",
    version=1,
    title="Customer lifetime value, so far",
    doc="""
    What a customer has brought in since we have known it.

    Inputs: `revenue.recognized` and `fx.rate_set`, by way of `revenue`.

    Shape: one row per window and account with revenue up to its end: all of that revenue, over `1`.
    An account's value is its own sum; a roll-up is the mean over accounts that ever had revenue.

    Unit: money per account, in the reporting currency.

    Empty and null rule: before the first revenue there is no value. An amount that can't be
    converted leaves the values from then on undefined, and says which rate is missing.

    Decisions: it is a sum to date, so the window's start doesn't matter. An account that has left
    keeps what it brought. It counts for the owner of the account at the window's end.

    Source: seeds 0, 1, 2 and 4 name lifetime value; revenue to date is the field's standard.

    Example: A brought 100 in each of three years, B 50 once: at the end 350/2 = 175.
    """,
    family="revenue",
    timing="lagging",
    unit="money/account",
    better="higher",
    value=Ratio(),
    numerator="revenue to date",
    denominator="accounts that ever had revenue",
    source="seeds 0, 1, 2 and 4; field standard",
    sql=f"""
WITH {steps("revenue", "amount")}

SELECT
    windows.period,
    steps.account_id,
    CASE WHEN min(steps.problem) IS NULL THEN sum(steps.amount) END AS numerator,
    1 AS denominator,
    {events_of("steps")},
    min(steps.problem) AS problem
FROM windows
INNER JOIN steps ON steps.occurred_at < windows.t1
GROUP BY windows.period, steps.account_id
""",
)
