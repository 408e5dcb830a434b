"""Repeat customers: who buys again."""

from __future__ import annotations

from kam_events.steps import events_of
from kamengine import KPI, Ratio

REPEAT_CUSTOMER_SHARE = KPI(
    id="repeat_customer_share",
    version=1,
    title="Repeat customers",
    doc="""
    Of the accounts that bought something in the window, how many had bought before.

    Inputs: `revenue.recognized`.

    Shape: one row per window and account that bought in it, at its last purchase there: `1` if that
    is at least the account's second purchase ever, else `0`, over `1`. It stands for the purchases
    in the window and the account's first.

    Unit: % (kept as a ratio).

    Empty and null rule: where nobody bought there is no value. No exchange rate is needed.

    Decisions: a purchase is an order, told by its `order_id`; revenue without one is a purchase of
    its own. It was made on the first day for which its revenue was recognised. Credit notes and
    amounts of zero are no purchase. "To date" is up to the window's end, so two purchases in the
    window make a repeat customer. A row counts for the owner of the account at that last purchase.

    Source: seed 2 names it; at least two purchases among the window's purchasers is the field's
    standard.

    Example: in May four accounts bought: two for the first time, one for the third time, and one
    both for the first and the second time: 2/4 = 0.5.
    """,
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="accounts that bought in the window, and at least twice by its end",
    denominator="accounts that bought in the window",
    source="seed 2; field standard",
    sql=f"""
WITH purchases AS (
    SELECT
        account_id,
        coalesce('order ' || order_id, 'event ' || id) AS purchase,
        min(period_start) AS bought_on,
        min(event_id) AS event_id,
        list_sort(array_agg(event_id)) AS event_ids
    FROM revenue_recognized
    WHERE amount > 0
    GROUP BY account_id, coalesce('order ' || order_id, 'event ' || id)
),

steps AS (
    SELECT
        account_id,
        local_start(bought_on) AS bought_at,
        count(*) AS bought,
        min(event_id) AS event_id,
        flatten(
            list_sort(coalesce(array_agg(event_ids) FILTER (WHERE event_ids IS NOT NULL), []))
        ) AS event_ids
    FROM purchases
    GROUP BY account_id, bought_on
),

running AS (
    SELECT
        account_id,
        bought_at,
        sum(bought) OVER so_far AS bought,
        event_id,
        list_concat(
            coalesce(first_value(event_ids) OVER so_far, []), coalesce(event_ids, [])
        ) AS event_ids
    FROM steps
    WINDOW so_far AS (
        PARTITION BY account_id ORDER BY bought_at
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
)

SELECT
    windows.period,
    running.account_id,
    max(running.bought_at) AS occurred_at,
    CASE WHEN max(running.bought) > 1 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    {events_of("running")}
FROM windows
INNER JOIN running
    ON running.bought_at >= windows.t0
    AND running.bought_at < windows.t1
GROUP BY windows.period, running.account_id
""",
)
