"""Repeat customers: who buys again."""

from __future__ import annotations

from kamengine import KPI, Ratio

REPEAT_CUSTOMER_SHARE = KPI(
    id="repeat_customer_share",
    version=1,
    title="Repeat customers",
    doc="""
    Of the accounts that bought something in the window, how many had bought before.

    Inputs: `revenue.recognized`.

    Shape: one row per window and account that bought in it, at its last purchase there: `1` if that
    is at least the account's second purchase ever, else `0`, over `1`.

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
    sql="""
WITH statements AS (
    SELECT
        account_id,
        coalesce('order ' || order_id, 'event ' || id) AS purchase,
        period_start,
        event_id,
        row_number() OVER (
            PARTITION BY account_id, coalesce('order ' || order_id, 'event ' || id)
            ORDER BY period_start, occurred_at, id
        ) AS place
    FROM revenue_recognized
    WHERE amount > 0
),

purchases AS (
    SELECT
        account_id,
        local_start(period_start) AS bought_at,
        event_id,
        row_number() OVER (
            PARTITION BY account_id ORDER BY period_start, purchase
        ) AS number,
        first_value(event_id) OVER (
            PARTITION BY account_id ORDER BY period_start, purchase
        ) AS first_event
    FROM statements
    WHERE place = 1
),

latest AS (
    SELECT windows.period, purchases.account_id, max(purchases.number) AS number
    FROM windows
    INNER JOIN purchases
        ON purchases.bought_at >= windows.t0
        AND purchases.bought_at < windows.t1
    GROUP BY windows.period, purchases.account_id
)

SELECT
    latest.period,
    latest.account_id,
    purchases.bought_at AS occurred_at,
    CASE WHEN latest.number > 1 THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE
        WHEN latest.number > 1 THEN [purchases.first_event, purchases.event_id]
        ELSE [purchases.event_id]
    END AS event_id
FROM latest
INNER JOIN purchases
    ON purchases.account_id = latest.account_id
    AND purchases.number = latest.number
""",
)
