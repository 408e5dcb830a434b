"""Product utilisation: how much of what customers pay for they use, and what lies idle."""

from __future__ import annotations

from decimal import Decimal

from kamengine import KPI, Params, Ratio, Sum


class UnderUse(Params, frozen=True):
    """When a product is under-used.

    Attributes:
        threshold: The share of what a customer may use below which a product is under-used.
    """

    threshold: Decimal = Decimal("0.5")

    def __post_init__(self) -> None:
        if not (self.threshold.is_finite() and 0 < self.threshold <= 1):
            raise ValueError(f"`threshold` is {self.threshold}; it must be above 0 and at most 1")


PRODUCT_UTILISATION = KPI(
    id="product_utilisation",
    version=1,
    title="Product utilisation",
    doc="""
    How much customers use of what they are entitled to use.

    Inputs: `usage.measured`, by way of `product_usage`.

    Shape: one row per measurement and calendar month that its period touches: the units used over
    the units that could have been used. `part` is the product.

    Unit: % (kept as a ratio). Use beyond the entitlement makes it more than 1.

    Empty and null rule: without a measurement there is no value; nor where nothing may be used.

    Decisions: a measurement is spread evenly over the days of its period, both units alike, and a
    month's part counts at its start. Of measurements of one product of one account for one period
    the latest counts. Products are added up unit by unit: a roll-up weighs them by units, so look
    at `part` where a seat and a gigabyte shouldn't weigh the same.

    Source: seed 1 (FAQ) names it; used over entitled is the field's standard.

    Example: in May 30 of 100 seats and 10 of 20 licences were used: 40/120 = 0.3333.
    """,
    family="revenue",
    timing="leading",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="units used",
    denominator="units that the customer may use",
    source="seed 1; field standard",
    sql="""
SELECT
    account_id,
    occurred_at,
    used AS numerator,
    entitled AS denominator,
    event_id,
    product AS part
FROM product_usage
""",
)

UNDER_USED_PRODUCTS = KPI(
    id="under_used_products",
    version=1,
    title="Under-used products",
    doc="""
    How many products customers use less than they should, counted customer by customer.

    Inputs: `usage.measured`, by way of `product_usage`.

    Shape: one row per window, account and product of which less than `threshold` of what may be
    used was used. They are counted; `part` is the product.

    Unit: products.

    Empty and null rule: none is a true zero, and so is nothing measured: see `product_utilisation`
    for whether anything was.

    Decisions: a product is judged over the whole window, as `product_utilisation` would of it
    alone; exactly at the threshold is not under-used. The same product under-used by two customers
    counts twice. What nobody may use isn't under-used. It counts for the owner of the account at
    the window's end. The default threshold of a half is ours.

    Source: seed 1 (FAQ) names it; the threshold is ours.

    Example: in May 30 of 100 seats and 10 of 20 licences were used: the seats alone, 1.
    """,
    family="revenue",
    timing="leading",
    unit="products",
    better="lower",
    value=Sum(),
    empty="zero",
    params=UnderUse(),
    numerator="products used below the threshold",
    source="seed 1; threshold ours",
    sql="""
WITH sums AS (
    SELECT
        windows.period,
        usage.account_id,
        usage.product,
        sum(usage.used) AS used,
        sum(usage.entitled) AS entitled,
        min(usage.event_id) AS event_id,
        list_sort(array_agg(usage.event_id)) AS more_events
    FROM windows
    INNER JOIN product_usage AS usage
        ON usage.occurred_at >= windows.t0
        AND usage.occurred_at < windows.t1
    GROUP BY windows.period, usage.account_id, usage.product
)

SELECT
    period,
    account_id,
    1 AS numerator,
    product AS part,
    event_id,
    more_events
FROM sums
WHERE used < CAST($threshold AS DECIMAL(18, 6)) * entitled
""",
)
