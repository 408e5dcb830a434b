"""Leads: how many become customers, and how many qualify in a month."""

from __future__ import annotations

from decimal import Decimal

from kamengine import KPI, Formula, Operand, Ratio, Sum

LEAD_CONVERSION_RATE = KPI(
    id="lead_conversion_rate",
    version=1,
    title="Lead conversion rate",
    doc="""
    Of the leads created in the window, how many are customers by now.

    Inputs: `lead.created` and `lead.converted`, by way of `leads`.

    Shape: one row per lead at the moment it was created, `1` where it was converted by now and `0`
    where not, over `1`. `part` is the lead's source.

    Unit: % (kept as a ratio, 0.1 for 10 %).

    Empty and null rule: without a lead created in the window there is no value. A lead of which
    only the conversion is known belongs to no cohort and stays out.

    Decisions: "by now" is what the log knows, so the rate of a past window still grows as its leads
    convert; open leads count below the line. A lead created again counts once, at the first time.
    A lead has no account: it counts for the manager whom its creation names, and for the
    organisation. Leads are counted here, not deals: for those see `opportunity_conversion_rate`.

    Source: seed 4 names it; the cohort is the field's standard.

    Example: 20 leads created in May, 3 of them customers by now: 3/20 = 0.15.
    """,
    family="business",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    sql="""
SELECT
    manager_id,
    created_at AS occurred_at,
    CASE WHEN converted_event IS NULL THEN 0 ELSE 1 END AS numerator,
    1 AS denominator,
    CASE
        WHEN converted_event IS NULL THEN [created_event]
        ELSE [created_event, converted_event]
    END AS event_id,
    lead_source AS part
FROM leads
WHERE created_at IS NOT NULL
""",
    source="seed 4; field standard",
    numerator="leads created that became customers",
    denominator="leads created",
)

QUALIFIED_LEADS = KPI(
    id="qualified_leads",
    version=1,
    title="Qualified leads",
    doc="""
    How many leads proved worth pursuing in the window.

    Inputs: `lead.qualified` and `lead.created`, by way of `leads`.

    Shape: one row per lead at the moment it qualified; the value is their number. `part` is the
    lead's source.

    Unit: leads.

    Empty and null rule: none is a true zero.

    Decisions: a lead that qualifies again counts once, at the first time, whenever it was created.
    It counts for the manager whom its creation names, and for the organisation.

    Source: ours: the count behind seed 4's `qualified_leads_per_month`.

    Example: 9 leads qualify from July to September, one of them twice: 9.
    """,
    family="business",
    timing="leading",
    unit="leads",
    better="higher",
    value=Sum(),
    empty="zero",
    sql="""
SELECT
    manager_id,
    qualified_at AS occurred_at,
    1 AS numerator,
    qualified_event AS event_id,
    lead_source AS part
FROM leads
WHERE qualified_at IS NOT NULL
""",
    source="ours",
    numerator="leads qualified",
)

QUALIFIED_LEADS_PER_MONTH = KPI(
    id="qualified_leads_per_month",
    version=1,
    title="Qualified leads per month",
    doc="""
    How many leads a month proved worth pursuing, on average over the window.

    Inputs: the KPI `qualified_leads`.

    Shape: a formula: the subject's qualified leads over the months in the window.

    Unit: leads a month.

    Empty and null rule: none is a true zero.

    Decisions: months are calendar months; a window that is a part of one, or still open, has that
    part of a month: 9 days of September are 0.3. A month counts as one month for everybody: a
    team's value is the sum of its managers' values.

    Source: seed 4 names it; the formula is the field's standard.

    Example: 9 leads qualified from July to September: 9/3 = 3.
    """,
    family="business",
    timing="leading",
    unit="leads/month",
    better="higher",
    value=Formula(
        operands={"leads": Operand(kpi="qualified_leads", empty=Decimal(0))},
        numerator="leads_numerator",
        denominator="round(years * 12, 6)",
    ),
    empty="zero",
    source="seed 4; field standard",
    numerator="leads qualified",
    denominator="months in the window",
)
