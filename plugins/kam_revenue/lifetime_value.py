"""Customer lifetime value: what a customer is worth from first contract to last."""

from __future__ import annotations

from kamengine.kpi import KPI, Formula, Operand, Params


class Horizon(Params, frozen=True):
    """How far ahead a customer is trusted to stay.

    Attributes:
        cap_years: The longest lifespan that a value may rest on.
    """

    cap_years: int = 10


CUSTOMER_LIFETIME_VALUE = KPI(
    id="customer_lifetime_value",
    version=1,
    title="Customer lifetime value",
    doc="""What a customer is worth: a year's revenue times the years that customers stay.

Inputs: the KPIs revenue_per_account (of the subject) and customer_churn_rate (of the organisation).

Shape: a formula, without evidence of its own. Customer value is the subject's revenue per account,
brought to a year; lifespan is one over the organisation's churn, brought to a year, and at most
`cap_years`. Both sides of the quotient are products of the operands' own, so that nothing is
rounded on the way.

Unit: money, in the reporting currency.

Empty and null rule: undefined where either operand is. No churn at all means a lifespan without
end, so the cap holds. Where the cap holds, the value says so: "capped at 10 years".

Decisions: the lifespan is the organisation's, since it is an average over customers: one account
has no churn rate before it is gone. A churn of c per window of y years is c/y a year, which makes
the lifespan y/c years: the mean life under a constant rate. Short windows with few losses are
mostly capped: ask for a year.

Source: seed 2: customer value times average customer lifespan; the cap is ours.

Example: 120,000 a year and a churn of 8 % a year: 120,000 / 0.08 = 1,500,000 over 12.5 years;
capped at 10 years, 1,200,000.
""",
    family="revenue",
    timing="lagging",
    unit="money",
    better="higher",
    value=Formula(
        operands={
            "revenue": Operand(kpi="revenue_per_account"),
            "churn": Operand(kpi="customer_churn_rate", of="organisation"),
        },
        # uncapped, the window's length cancels out; capped, whole months keep a twelfth exact
        numerator="""
            CASE
                WHEN years * churn_denominator > cap_years * churn_numerator
                    THEN revenue_numerator * 12 * cap_years
                ELSE revenue_numerator * churn_denominator
            END""",
        denominator="""
            CASE
                WHEN years * churn_denominator > cap_years * churn_numerator
                    THEN revenue_denominator * round(years * 12, 6)
                ELSE revenue_denominator * churn_numerator
            END""",
        flag="""
            CASE
                WHEN years * churn_denominator > cap_years * churn_numerator
                    THEN 'capped at ' || cap_years || ' years'
            END""",
    ),
    params=Horizon(),
    numerator="revenue times the upper side of the lifespan",
    denominator="active accounts times the lower side of the lifespan",
    source="seed 2",
)
