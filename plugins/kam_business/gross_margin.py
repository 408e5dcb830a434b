"""Gross margin: what is left of revenue after what was sold has been made; now and before."""

from __future__ import annotations

from kam_events.steps import ratio_before
from kamengine import KPI, Ratio

_LEDGER = """
SELECT
    account_id, occurred_at, amount AS numerator, amount AS denominator, event_id,
    'revenue' AS part, problem
FROM revenue
UNION ALL
SELECT
    account_id, occurred_at, -amount AS numerator, 0 AS denominator, event_id,
    kind AS part, problem
FROM costs
WHERE kind = 'cogs'
"""

GROSS_MARGIN = KPI(
    id="gross_margin",
    version=1,
    title="Gross margin",
    doc="""
    What is left of the revenue after the cost of the goods sold.

    Inputs: `revenue.recognized`, `cost.recorded` and `fx.rate_set`, by way of `revenue` and
    `costs`.

    Shape: one row per recognised amount, over itself, and one per cost of goods sold, subtracted,
    over nothing; each by the calendar months that its period touches. `part` tells them apart.

    Unit: % (kept as a ratio; negative where the goods cost more than they brought).

    Empty and null rule: without revenue there is nothing to divide by. An amount that can't be
    converted leaves the value undefined and says which rate is missing.

    Decisions: a cost that names no account counts for the organisation alone. Amounts count for the
    owner of the account when they do, whoever recorded them, so that revenue and its costs stay
    together.

    Source: seed 4 names it; the formula is the field's standard.

    Example: revenue of 1,000 and cost of goods sold of 600: 400/1,000 = 0.4.
    """,
    family="business",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="revenue less cost of goods sold",
    denominator="revenue",
    source="seed 4; field standard",
    sql=_LEDGER,
)

GROSS_MARGIN_PREVIOUS = KPI(
    id="gross_margin_previous",
    version=1,
    title="Gross margin, window before",
    doc="""
    What was left of the revenue of the window before, after the cost of the goods sold.

    Inputs: as for `gross_margin`.

    Shape: one row per window and account: revenue less cost of goods sold of the window just
    before, over the revenue there.

    Unit: % (kept as a ratio).

    Empty and null rule: as for `gross_margin`, of the window before.

    Decisions: the window before has the same length and kind; while a window is open it is cut as
    many months and days in. It counts for the owner of the account at the end of the window, not
    of the one before: what a manager took over is what they are measured against.

    Source: seed 1, as part of the increase in profit margin.

    Example: asked for May: April's revenue of 800 and cost of goods sold of 600, 200/800 = 0.25.
    """,
    family="business",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="revenue less cost of goods sold in the window before",
    denominator="revenue in the window before",
    source="seed 1; field standard",
    sql=ratio_before(_LEDGER),
)
