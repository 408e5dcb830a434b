"""Sales growth: this year so far beside the same days of last year."""

from __future__ import annotations

from kam_events.steps import events_of, steps
from kamengine import KPI, Ratio

SALES_GROWTH_YTD = KPI(
    id="sales_growth_ytd",
    version=1,
    title="Sales growth, year to date",
    doc="""
    How much the revenue of the year so far is above that of the same days of the year before.

    Inputs: `revenue.recognized` and `fx.rate_set`, by way of `revenue`.

    Shape: one row per window and account with revenue in either year to date: this year's less last
    year's, over last year's.

    Unit: % (kept as a ratio; negative where revenue fell).

    Empty and null rule: without revenue on the same days of the year before there is nothing to
    divide by. An amount that can't be converted leaves the value undefined and says which rate is
    missing.

    Decisions: the year is the fiscal one that holds the window's last day, and runs to the window's
    end, or to "as of" while it is open: asked for May, it is January to May where the year starts
    in January. The same days end as many months and days into the year before, so that all of
    February is held against all of February, leap day or not. New customers count, since it is
    sales and not customers that grow; for those alone that there were before see
    `organic_growth_rate`. Both years count for the owner of the account at the window's end.

    Source: seed 4 names it; the formula is the field's standard.

    Example: 1,100 from January to May, after 1,000 from January to May of the year before:
    100/1,000 = 0.1.
    """,
    family="business",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="revenue of the year to date less that of the same days of the year before",
    denominator="revenue of the same days of the year before",
    source="seed 4; field standard",
    sql=f"""
WITH {steps("revenue", "amount")},

sums AS (
    SELECT
        windows.period,
        steps.account_id,
        sum(CASE WHEN steps.occurred_at >= windows.year_t0 THEN steps.amount ELSE 0 END)
            AS amount_now,
        sum(CASE WHEN steps.occurred_at < windows.year_t0 THEN steps.amount ELSE 0 END)
            AS amount_before,
        min(steps.problem) AS problem,
        {events_of("steps", indent=8)}
    FROM windows
    INNER JOIN steps
        ON steps.occurred_at >= windows.prior_t0
        AND steps.occurred_at < windows.t1
        AND (steps.occurred_at < windows.prior_t1 OR steps.occurred_at >= windows.year_t0)
    GROUP BY windows.period, steps.account_id
)

SELECT
    period,
    account_id,
    CASE WHEN problem IS NULL THEN amount_now - amount_before END AS numerator,
    amount_before AS denominator,
    event_id,
    more_events,
    problem
FROM sums
""",
)
