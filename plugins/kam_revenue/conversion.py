"""How many opportunities are won: of those opened, and of those decided."""

from __future__ import annotations

from kamengine.kpi import KPI, Ratio

OPPORTUNITY_CONVERSION_RATE = KPI(
    id="opportunity_conversion_rate",
    version=1,
    title="Opportunity conversion rate",
    doc="""Of the deals opened in the period, how many are won by now.

Inputs: deal.opened, deal.closed.

Shape: one row per deal at the moment it was opened; numerator 1 where it is won by now, else 0.
The value is the ratio of the sums. `part` tells won, lost and open deals apart.

Unit: %, as a ratio (0.4 for 40 %).

Empty and null rule: no deal opened in the period leaves it undefined. A deal of which only the
closing is known belongs to no cohort and stays out.

Decisions: "by now" is what the log knows, so the rate of a past period still moves while deals of
it are open. Open deals count below the line, as the formula has it, and are told apart by `part`;
for the share among those decided see win_rate. A deal closed again counts as last closed. A deal
counts for the manager who closed it, else for the one who opened it.

Source: seed 1 names it; the cohort is the field's standard.

Example: ten deals opened in May, by now four won, three lost, three open: 4/10.
""",
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="deals opened in the period and won by now",
    denominator="deals opened in the period",
    source="seed 1",
    sql="""
SELECT
    account_id,
    manager_id,
    opened_at AS occurred_at,
    CASE WHEN outcome = 'won' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN closed_event IS NULL THEN [opened_event]
        ELSE [opened_event, closed_event]
    END AS event_id,
    coalesce(outcome, 'open') AS part
FROM deals
WHERE opened_at IS NOT NULL
""",
)

WIN_RATE = KPI(
    id="win_rate",
    version=1,
    title="Win rate",
    doc="""Of the deals decided in the period, how many were won.

Inputs: deal.opened, deal.closed.

Shape: one row per closed deal at the moment it was closed; numerator 1 where it was won, else 0.
The value is the ratio of the sums. `part` is the kind of deal.

Unit: %, as a ratio (0.55 for 55 %).

Empty and null rule: no deal closed in the period leaves it undefined. Open deals don't count.

Decisions: a deal closed again counts once, as and when last closed. A deal counts for the manager
who closed it, else for the one who opened it.

Source: the field's standard; a variant of seed 1's opportunity conversion.

Example: six deals won and four lost in May, whenever they were opened: 6/10.
""",
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="deals won in the period",
    denominator="deals won or lost in the period",
    source="field standard",
    sql="""
SELECT
    account_id,
    manager_id,
    closed_at AS occurred_at,
    CASE WHEN outcome = 'won' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    closed_event AS event_id,
    kind AS part
FROM deals
WHERE closed_at IS NOT NULL
""",
)
