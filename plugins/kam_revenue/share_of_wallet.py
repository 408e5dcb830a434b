"""Share of wallet: our part of what a customer spends on what we sell."""

from __future__ import annotations

import msgspec

from kamengine import KPI, Params, Ratio


class Categories(Params, frozen=True):
    """Which product belongs to which category of spending.

    Attributes:
        categories: Product to category; one that isn't named is a category of its own name.
    """

    categories: dict[str, str] = msgspec.field(default_factory=dict)


SHARE_OF_WALLET = KPI(
    id="share_of_wallet",
    version=1,
    title="Share of wallet",
    doc="""
    How much of what a customer is thought to spend in our categories is spent with us.

    Inputs: `revenue.recognized`, `wallet.estimated` and `fx.rate_set`, by way of `revenue` and
    `wallets`.

    Shape: one row per account, category and month with an estimate, nothing over the spending
    estimated, and one per recognised amount in such a category and month, itself over nothing.
    `part` is the category.

    Unit: % (kept as a ratio). More than 1 means that the estimate is too low.

    Empty and null rule: without an estimate there is no value; with one and no revenue it is 0. An
    amount that can't be converted leaves the value undefined and says which rate is missing.

    Decisions: an estimate is spread evenly over the days of its period. It speaks of the calendar
    months that it touches; where several speak of a month, the one made last holds. Revenue counts
    only in months and categories that an estimate speaks of. A product's category is what
    `categories` says, else its own name; revenue without a product belongs to none. Amounts count
    for the owner of the account when they do.

    Source: seed 1 names it; the formula is the field's standard.

    Example: an account spends an estimated 12,000 a year on analytics, and 250 a month with us:
    3,000/12,000 = 0.25.
    """,
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    params=Categories(),
    numerator="our revenue in the categories and months estimated",
    denominator="estimated spending, with us and with others",
    source="seed 1; field standard",
    sql="""
WITH earned AS (
    SELECT
        *,
        coalesce(CAST($categories AS MAP(VARCHAR, VARCHAR))[product], product) AS category
    FROM revenue
    WHERE product IS NOT NULL
)

SELECT
    account_id,
    occurred_at,
    0 AS numerator,
    amount AS denominator,
    event_id,
    category AS part,
    problem
FROM wallets
UNION ALL
SELECT
    earned.account_id,
    earned.occurred_at,
    earned.amount AS numerator,
    0 AS denominator,
    earned.event_id,
    earned.category AS part,
    earned.problem
FROM earned
INNER JOIN wallets
    ON wallets.account_id = earned.account_id
    AND wallets.category = earned.category
    AND wallets.month = earned.month
""",
)
