"""Increase in profit margin: how much more of the revenue is left than before."""

from __future__ import annotations

from kamengine import KPI, Formula, Operand

PROFIT_MARGIN_IMPROVEMENT = KPI(
    id="profit_margin_improvement",
    version=1,
    title="Increase in profit margin",
    doc="""
    By how much the gross margin is above that of the window before.

    Inputs: the KPIs `gross_margin` and `gross_margin_previous`, of the same subject.

    Shape: a formula, without evidence of its own: 100 times the difference of the two ratios,
    brought over one denominator. The products keep six digits.

    Unit: pp (percentage points, which keep their scale: 2 for 32 % after 30 %).

    Empty and null rule: undefined where either margin is, for want of revenue or of an exchange
    rate.

    Decisions: the comparison window is the one just before, of the same length and kind; while a
    window is open it is cut as many months and days in. A manager's margin of the window rests on
    what happened while they owned the account, that of the window before on the accounts that
    they own at the window's end: what they took over is what they are measured against.

    Source: seed 1 names it; the formula is the field's standard.

    Example: a margin of 300/1,000 after one of 200/800: 30 % - 25 % = 5.
    """,
    family="revenue",
    timing="lagging",
    unit="pp",
    better="higher",
    value=Formula(
        operands={
            "now": Operand(kpi="gross_margin"),
            "before": Operand(kpi="gross_margin_previous"),
        },
        numerator="""
            100 * (now_numerator * before_denominator - before_numerator * now_denominator)
        """,
        denominator="now_denominator * before_denominator",
    ),
    numerator="difference of the margins times 100, over their common denominator",
    denominator="revenue in the window times revenue in the window before",
    source="seed 1; field standard",
)
