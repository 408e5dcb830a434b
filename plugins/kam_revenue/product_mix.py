"""Whether we sell the products in the proportions that we aim for."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from kamengine.kpi import KPI, Overlap, Params

SMALLEST_SHARE = Decimal("0.000001")


class TargetMix(Params, frozen=True):
    """The mix of products that is aimed for.

    Attributes:
        shares: Product to its share of all sales; they add up to 1.
    """

    shares: dict[str, Decimal] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        for product, share in self.shares.items():
            if not (share.is_finite() and 0 <= share <= 1) or share % SMALLEST_SHARE:
                raise ValueError(
                    f"the share {share} of {product!r} must lie between 0 and 1"
                    " and have at most 6 digits after the point"
                )
        total = sum(self.shares.values(), Decimal(0))
        if self.shares and total != 1:
            raise ValueError(f"the `shares` add up to {total}; they must add up to 1")


PRODUCT_MIX_ALIGNMENT = KPI(
    id="product_mix_alignment",
    version=1,
    title="Optimal product mix",
    doc="""How close the mix of products in our open and won deals comes to the one we aim for.

Inputs: deal.opened, deal.stage_changed, deal.closed, with fx.rate_set; deal_products; the setting
`shares`.

Shape: for each deal opened and not lost, at the moment it was opened, one row per product that it
has (the amount, above the line) and one, without an event, per product that it should have (the
product's target share of all that its products are worth, below the line). `part` is the product.
Both sides are added up product by product, of each product the smaller sum counts, and the value
is 100 times these over what the products are worth in all. Since actual and target shares both add
up to 1, that is 100 times (1 - 1/2 of the sum over products of how far the two lie apart).

Unit: index from 0 (nothing that we aim for) to 100 (the mix that we aim for).

Empty and null rule: no deal with products opened in the window leaves it undefined. So does an
amount that can't be converted, saying why, and a setting `shares` that is empty.

Decisions: the mix is that of the deals opened in the window which are open or won by now: a lost
deal leaves it. Open and won amounts count alike, as last stated. What a deal's amount has beyond
its products belongs to none and stays out, and so does a deal without products. A product that
nobody aims for counts into the whole. A roll-up pools products first: two managers who each sell
one of two products have the right mix together. A deal counts for the manager who closed it, else
for the one who opened it.

Source: seed 1 names it; the index (the overlap of two distributions) is ours.

Example: shares of 0.4, 0.4 and 0.2 aimed for, deals of 50, 30 and 20: 40 + 30 + 20 of 100 is 90.
""",
    family="revenue",
    timing="leading",
    unit="index",
    better="higher",
    value=Overlap(scale=100),
    params=TargetMix(),
    numerator="100 times what each product has, up to what it should have",
    denominator="amounts of products on deals open or won",
    source="seed 1",
    sql="""
WITH targets AS (
    SELECT unnest(map_entries(CAST($shares AS MAP(VARCHAR, DECIMAL(18, 6))))) AS target
),

-- shares as stretches of the way from 0 to 1
stretches AS (
    SELECT
        target.key AS product,
        target.value AS share,
        sum(target.value) OVER (
            ORDER BY target.key ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS upto
    FROM targets
),

lines AS (
    SELECT
        deal.account_id,
        deal.manager_id,
        deal.opened_at,
        deal.opened_event,
        deal.deal_id,
        line.product,
        line.amount,
        line.problem
    FROM deals AS deal
    INNER JOIN deal_products AS line
        ON line.deal_id = deal.deal_id
        AND line.account_id IS NOT DISTINCT FROM deal.account_id
    WHERE deal.opened_at IS NOT NULL
        AND line.product IS NOT NULL
        AND (deal.outcome IS NULL OR deal.outcome = 'won')
),

baskets AS (
    SELECT account_id, manager_id, opened_at, deal_id, sum(amount) AS amount
    FROM lines
    GROUP BY account_id, manager_id, opened_at, deal_id
)

SELECT
    account_id,
    manager_id,
    opened_at AS occurred_at,
    amount AS numerator,
    0 AS denominator,
    opened_event AS event_id,
    product AS part,
    CASE
        WHEN (SELECT count(*) FROM stretches) = 0 THEN 'no `shares` are set to compare with'
        ELSE problem
    END AS problem
FROM lines
UNION ALL
-- the difference of two rounded positions: what there should be adds up to what there is
SELECT
    basket.account_id,
    basket.manager_id,
    basket.opened_at AS occurred_at,
    0 AS numerator,
    CAST(
        round(stretch.upto * basket.amount, 6)
        - round((stretch.upto - stretch.share) * basket.amount, 6)
        AS DECIMAL(38, 6)
    ) AS denominator,
    NULL AS event_id,
    stretch.product AS part,
    NULL AS problem
FROM baskets AS basket
CROSS JOIN stretches AS stretch
""",
)
