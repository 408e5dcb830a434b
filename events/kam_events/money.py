"""Money: rates, recognised revenue, costs, and what is measured beside them."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from kam_events.conversion import converted, problem, rate_of
from kam_events.deals import FAMILY
from kam_events.fields import Currency, Dated, Id, Measured, Money, Quantity, Rate
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


def spread_by_month(facts: str, details: str) -> str:
    """Return SQL for an amount's share of each calendar month that its period touches.

    The share of a period's first k of n days is ``amount * k / n``, rounded to six digits; a
    month gets the difference of two such shares, so that the months add up to the amount.

    Args:
        facts: The fact table, with ``amount``, ``currency``, ``period_start``, ``period_end``.
        details: The other columns to carry along.
    """
    return f"""
WITH stated AS (
    SELECT *, coalesce(currency, $reporting_currency) AS stated_currency
    FROM {facts}
),

converted AS (
    SELECT
        stated.account_id,
        stated.event_id,
        stated.period_start,
        stated.period_end,
        stated.stated_currency AS currency,
        {converted("stated.amount")} AS amount,
        {problem("stated.amount", "stated.stated_currency", "stated.occurred_at")} AS problem,
        {details},
        CAST(date_trunc('month', stated.period_start) AS DATE) AS first_month,
        CAST(date_trunc('month', stated.period_end - 1) AS DATE) AS last_month
    FROM stated
    {rate_of("stated.stated_currency", "stated.occurred_at")}
),

touched AS (
    SELECT
        *,
        unnest(range(
            12 * (year(last_month) - year(first_month)) + month(last_month) - month(first_month) + 1
        )) AS step
    FROM converted
    WHERE first_month <> last_month
),

months AS (
    SELECT
        *,
        months_after(first_month, step) AS month,
        date_diff('day', period_start, period_end) AS days
    FROM touched
),

cut AS (
    SELECT
        *,
        greatest(month, period_start) AS part_start,
        date_diff('day', period_start, greatest(month, period_start)) AS days_before,
        date_diff('day', period_start, least(months_after(month, 1), period_end)) AS days_so_far
    FROM months
)

SELECT
    account_id, event_id, first_month AS month, local_start(period_start) AS occurred_at,
    amount, currency, {details}, problem
FROM converted
WHERE first_month = last_month
UNION ALL
SELECT
    account_id, event_id, month, local_start(part_start) AS occurred_at,
    quotient(amount * days_so_far, days) - quotient(amount * days_before, days) AS amount,
    currency, {details}, problem
FROM cut
"""


REVENUE = Projection(
    name="revenue",
    doc="One row per recognised amount and month that it touches, in the reporting currency.",
    key=("event_id", "month"),
    sql=spread_by_month("revenue_recognized", "manager_id, product, order_id"),
)

COSTS = Projection(
    name="costs",
    doc="One row per recorded cost and month that it touches, in the reporting currency.",
    key=("event_id", "month"),
    sql=spread_by_month("cost_recorded", "manager_id, kind"),
)

PROJECTIONS = (FX_RATES, REVENUE, COSTS)
