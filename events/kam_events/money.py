"""Money: rates, recognised revenue, costs, and what is measured beside them."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from kam_events.deals import FAMILY
from kam_events.fields import Currency, Dated, Id, Measured, Money, Quantity, Rate
from kam_events.spreading import latest_of, spread, spread_amounts
from kamengine.event import EventData
from kamengine.projection import Projection


class RevenueRecognized(Dated, frozen=True):
    """Revenue is recognised, evenly over the days of its period."""

    amount: Money
    currency: Currency | None = None
    product: str | None = None
    order_id: Id | None = None


class CostRecorded(Dated, frozen=True):
    """A cost is recorded, evenly over the days of its period."""

    amount: Money
    kind: Literal["cogs", "cost_to_serve", "acquisition", "other"]
    currency: Currency | None = None


class PnlPosted(Dated, frozen=True):
    """A line of the organisation's profit and loss account is posted."""

    line: str
    amount: Money
    currency: Currency | None = None


class WalletEstimated(Dated, frozen=True):
    """Somebody estimates what an account spends in a category, with us and with others."""

    category: str
    total_spend: Money
    currency: Currency | None = None


class UsageMeasured(Dated, frozen=True):
    """What an account used of a product is set against what it may use."""

    product: str
    used: Quantity
    entitled: Quantity


class OnboardingCompleted(EventData, frozen=True):
    """What a contract promises is up and running."""

    contract_id: Id


class FxRateSet(Measured, frozen=True):
    """One unit of a currency is worth ``rate`` of another, until the next rate is set."""

    from_currency: Currency
    to_currency: Currency
    rate: Rate

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.from_currency == self.to_currency and self.rate != Decimal(1):
            raise ValueError(f"`rate` of {self.from_currency} to itself must be 1")


EVENT_TYPES = (
    FAMILY.event("revenue.recognized", RevenueRecognized),
    FAMILY.event("cost.recorded", CostRecorded, account="optional"),
    FAMILY.event("pnl.posted", PnlPosted, account="none", manager="none"),
    FAMILY.event("wallet.estimated", WalletEstimated),
    FAMILY.event("usage.measured", UsageMeasured),
    FAMILY.event("onboarding.completed", OnboardingCompleted),
    FAMILY.event("fx.rate_set", FxRateSet, account="none", manager="none"),
)

FX_RATES = Projection(
    name="fx_rates",
    doc="One row per pair of currencies and interval during which one rate held.",
    key=("from_currency", "to_currency", "valid_from"),
    sql="""
WITH intervals AS (
    SELECT
        from_currency,
        to_currency,
        rate,
        occurred_at AS valid_from,
        lead(occurred_at) OVER (
            PARTITION BY from_currency, to_currency ORDER BY occurred_at, id
        ) AS valid_to,
        event_id
    FROM fx_rate_set
    WHERE from_currency <> to_currency
)

SELECT from_currency, to_currency, rate, valid_from, valid_to, event_id
FROM intervals
WHERE valid_to IS NULL OR valid_from < valid_to
UNION ALL
-- the reporting currency always converts to itself, so that every amount has a rate to look up
SELECT
    $reporting_currency AS from_currency,
    $reporting_currency AS to_currency,
    CAST(1 AS DECIMAL(38, 6)) AS rate,
    TIMESTAMP '0001-01-01 00:00:00' AS valid_from,
    NULL AS valid_to,
    NULL AS event_id
""",
)


REVENUE = Projection(
    name="revenue",
    doc="One row per recognised amount and month that it touches, in the reporting currency.",
    key=("event_id", "month"),
    sql=spread_amounts("revenue_recognized", "account_id", "manager_id", "product", "order_id"),
)

COSTS = Projection(
    name="costs",
    doc="One row per recorded cost and month that it touches, in the reporting currency.",
    key=("event_id", "month"),
    sql=spread_amounts("cost_recorded", "account_id", "manager_id", "kind"),
)

PNL = Projection(
    name="pnl",
    doc="One row per posting to the profit and loss account and month, in the reporting currency.",
    key=("event_id", "month"),
    sql=spread_amounts("pnl_posted", "line"),
)

ESTIMATES = spread_amounts(
    "wallet_estimated", "account_id", "category", "id", "told_at", amount="total_spend"
)

WALLETS = Projection(
    name="wallets",
    doc="One row per account, category and month with what is spent in it, as last estimated.",
    key=("account_id", "category", "month"),
    sql=f"""
WITH estimates AS (
    {ESTIMATES}
),

-- estimates overlap: of each month the one made last holds
ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, category, month ORDER BY told_at DESC, id DESC
        ) AS recency
    FROM estimates
)

SELECT account_id, event_id, month, occurred_at, category, amount, currency, problem
FROM ranked
WHERE recency = 1
""",
)

PRODUCT_USAGE = Projection(
    name="product_usage",
    doc="One row per measurement of an account's use of a product and month, as last stated.",
    key=("event_id", "month"),
    sql=spread(
        f"""
    SELECT account_id, event_id, period_start, period_end, product, used, entitled
    FROM usage_measured
    QUALIFY {latest_of("account_id", "product", "period_start", "period_end")}
""",
        ("used", "entitled"),
        ("account_id", "product"),
    ),
)

PROJECTIONS = (FX_RATES, REVENUE, COSTS, PNL, WALLETS, PRODUCT_USAGE)
