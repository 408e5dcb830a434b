"""Cost to serve: what looking after customers takes of the revenue, and whether that shrinks."""

from __future__ import annotations

from kam_events.steps import ratio_before
from kamengine import KPI, Formula, Operand, Ratio

_LEDGER = """
SELECT
    account_id, occurred_at, 0 AS numerator, amount AS denominator, event_id,
    'revenue' AS part, problem
FROM revenue
UNION ALL
SELECT
    account_id, occurred_at, amount AS numerator, 0 AS denominator, event_id,
    kind AS part, problem
FROM costs
WHERE kind = 'cost_to_serve'
"""

COST_TO_SERVE_RATIO = KPI(
    id="cost_to_serve_ratio",
    version=1,
    title="Cost to serve",
    doc="""
    How much of the revenue goes into looking after those who bring it.

    Inputs: `revenue.recognized`, `cost.recorded` and `fx.rate_set`, by way of `revenue` and
    `costs`.

    Shape: one row per cost to serve, over nothing, and one per recognised amount, nothing over
    itself; each by the calendar months that its period touches. `part` tells them apart.

    Unit: % (kept as a ratio).

    Empty and null rule: without revenue there is nothing to divide by. An amount that can't be
    converted leaves the value undefined and says which rate is missing.

    Decisions: a cost that names no account counts for the organisation alone. Amounts count for the
    owner of the account when they do, whoever recorded them.

    Source: seed 1 names it; the ratio to revenue is the field's standard.

    Example: cost to serve of 120 and revenue of 1,000: 0.12.
    """,
    family="revenue",
    timing="lagging",
    unit="%",
    better="lower",
    value=Ratio(),
    numerator="cost to serve",
    denominator="revenue",
    source="seed 1; field standard",
    sql=_LEDGER,
)

COST_TO_SERVE_RATIO_PREVIOUS = KPI(
    id="cost_to_serve_ratio_previous",
    version=1,
    title="Cost to serve, window before",
    doc="""
    How much of the revenue went into looking after customers in the window before.

    Inputs: as for `cost_to_serve_ratio`.

    Shape: one row per window and account: the cost to serve of the window just before, over the
    revenue there.

    Unit: % (kept as a ratio).

    Empty and null rule: as for `cost_to_serve_ratio`, of the window before.

    Decisions: the window before has the same length and kind; while a window is open it is cut as
    many months and days in. It counts for the owner of the account at the end of the window, not
    of the one before: what a manager took over is what they are measured against.

    Source: seed 1, as part of the reduction in cost to serve.

    Example: asked for May: April's cost to serve of 150 and revenue of 1,000, 0.15.
    """,
    family="revenue",
    timing="lagging",
    unit="%",
    better="lower",
    value=Ratio(),
    numerator="cost to serve in the window before",
    denominator="revenue in the window before",
    source="seed 1; field standard",
    sql=ratio_before(_LEDGER),
)

COST_TO_SERVE_REDUCTION = KPI(
    id="cost_to_serve_reduction",
    version=1,
    title="Reduction in cost to serve",
    doc="""
    By what part the cost to serve, as a share of revenue, is below that of the window before.

    Inputs: the KPIs `cost_to_serve_ratio` and `cost_to_serve_ratio_previous`, of the same subject.

    Shape: a formula, without evidence of its own: one less the quotient of the two ratios, brought
    over one denominator. The products keep six digits.

    Unit: % (kept as a ratio; negative where the cost to serve grew faster than revenue).

    Empty and null rule: undefined where either ratio is, and where nothing was spent before.

    Decisions: the comparison window is the one just before, of the same length and kind; while a
    window is open it is cut as many months and days in.

    Source: seed 1 names it; the formula is ours.

    Example: 0.12 after 0.15: 0.03/0.15 = 0.2.
    """,
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Formula(
        operands={
            "now": Operand(kpi="cost_to_serve_ratio"),
            "before": Operand(kpi="cost_to_serve_ratio_previous"),
        },
        numerator="before_numerator * now_denominator - now_numerator * before_denominator",
        denominator="before_numerator * now_denominator",
    ),
    numerator="what the ratio fell by, over the common denominator",
    denominator="cost to serve before times revenue now",
    source="seed 1",
)
