"""Organic growth: what the customers that we had bring in more, or less, than before."""

from __future__ import annotations

from kam_events.steps import events_of, steps
from kamengine import KPI, Ratio

ORGANIC_GROWTH_RATE = KPI(
    id="organic_growth_rate",
    version=1,
    title="Organic growth",
    doc="""
    How much the revenue of the accounts that had revenue before grew, compared with what it was.

    Inputs: `revenue.recognized` and `fx.rate_set`, by way of `revenue`.

    Shape: one row per window and account that had revenue in the window just before: its revenue
    in the window less that of the window before, over that of the window before.

    Unit: % (kept as a ratio; negative where revenue fell).

    Empty and null rule: where no account had revenue before there is no value. An amount of such an
    account that can't be converted leaves the value undefined and says which rate is missing.

    Decisions: the window before has the same length and kind; while a window is open it is cut as
    many months and days in. "Had revenue" means that what was recognised there adds up to more than
    nothing. An account that has none any more counts with all that it had; a new one stays out.
    Both amounts count for the owner of the account at the window's end.

    Source: seeds 0 and 2 name it; like for like over the window before is the field's standard.

    Example: in the first quarter A brought 100 and B 100, in the second A 130, B 80 and a new C 50:
    (130 + 80 - 200)/200 = 0.05.
    """,
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="revenue in the window less that of the window before, of accounts with revenue then",
    denominator="revenue in the window before",
    source="seeds 0 and 2; field standard",
    sql=f"""
WITH {steps("revenue", "amount")},

sums AS (
    SELECT
        windows.period,
        steps.account_id,
        sum(CASE WHEN steps.occurred_at >= windows.t0 THEN steps.amount ELSE 0 END) AS amount_now,
        sum(CASE WHEN steps.occurred_at < windows.t0 THEN steps.amount ELSE 0 END) AS amount_before,
        min(CASE WHEN steps.occurred_at < windows.t0 THEN steps.problem END) AS problem_before,
        min(steps.problem) AS problem,
        {events_of("steps", indent=8)}
    FROM windows
    INNER JOIN steps
        ON steps.occurred_at >= windows.previous_t0
        AND steps.occurred_at < windows.t1
        AND (steps.occurred_at < windows.previous_t1 OR steps.occurred_at >= windows.t0)
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
WHERE amount_before > 0 OR problem_before IS NOT NULL
""",
)
