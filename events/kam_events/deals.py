"""Deals: leads, opportunities from opening to closing, campaigns, propensities."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import msgspec

from kam_events.conversion import converted, problem, rate_of
from kam_events.declaration import Family
from kam_events.fields import ANY_AMOUNT, Currency, Id, Measured, Money, Probability
from kamengine.event import EventData
from kamengine.projection import Projection

FAMILY = Family("deals and money")


class LeadCreated(EventData, frozen=True):
    """Somebody may become a customer."""

    lead_id: Id
    lead_source: str | None = msgspec.field(default=None, name="source")
    referring_account_id: Id | None = None


class LeadQualified(EventData, frozen=True):
    """A lead proves worth pursuing."""

    lead_id: Id


class LeadConverted(EventData, frozen=True):
    """A lead becomes a customer."""

    lead_id: Id
    converted_account_id: Id | None = msgspec.field(default=None, name="account_id")


class DealOpened(Measured, frozen=True):
    """An opportunity is opened; the manager who opens it pursues it."""

    deal_id: Id
    kind: Literal["new", "upsell", "cross_sell", "renewal", "reactivation", "new_stream"]
    amount: Money | None = None
    currency: Currency | None = None
    products: dict[str, Money] | None = None
    referral_id: Id | None = None
    campaign_id: Id | None = None
    probability: Probability | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_sum(self.products)


class DealStageChanged(Measured, frozen=True):
    """A deal moves to another stage; an amount is in the currency of its opening."""

    deal_id: Id
    stage: str
    probability: Probability | None = None
    amount: Money | None = None


class DealClosed(Measured, frozen=True):
    """A deal is won or lost."""

    deal_id: Id
    outcome: Literal["won", "lost"]
    amount: Money | None = None
    currency: Currency | None = None
    products: dict[str, Money] | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_sum(self.products)


def _check_sum(products: dict[str, Decimal] | None) -> None:
    """Refuse products that together are worth more than one amount may be."""
    if products:
        ANY_AMOUNT.check("products", sum(map(abs, products.values()), Decimal(0)))


class CampaignTargeted(EventData, frozen=True):
    """A campaign takes an account as a target."""

    campaign_id: Id


class PropensityScored(Measured, frozen=True):
    """Somebody, or a model, estimates how probable it is that an account buys or leaves."""

    kind: Literal["upsell", "cross_sell", "churn"]
    probability: Probability
    model: str | None = None


EVENT_TYPES = (
    FAMILY.event("lead.created", LeadCreated, account="none"),
    FAMILY.event("lead.qualified", LeadQualified, account="none"),
    FAMILY.event("lead.converted", LeadConverted, account="optional"),
    FAMILY.event("deal.opened", DealOpened, account="optional", manager="required"),
    FAMILY.event("deal.stage_changed", DealStageChanged, account="optional"),
    FAMILY.event("deal.closed", DealClosed, account="optional"),
    FAMILY.event("campaign.targeted", CampaignTargeted),
    FAMILY.event("propensity.scored", PropensityScored),
)

LEADS = Projection(
    name="leads",
    doc="One row per lead, with the first time it was created, qualified and converted.",
    key=("lead_id",),
    sql="""
WITH steps AS (
    SELECT
        lead_id, 'created' AS step, occurred_at, id, event_id, manager_id,
        lead_source, referring_account_id, NULL AS converted_account_id
    FROM lead_created
    UNION ALL
    SELECT lead_id, 'qualified', occurred_at, id, event_id, manager_id, NULL, NULL, NULL
    FROM lead_qualified
    UNION ALL
    SELECT
        lead_id, 'converted', occurred_at, id, event_id, manager_id,
        NULL, NULL, coalesce(converted_account_id, account_id)
    FROM lead_converted
),

first_steps AS (
    SELECT *
    FROM (
        SELECT
            *,
            row_number() OVER (PARTITION BY lead_id, step ORDER BY occurred_at, id) AS place
        FROM steps
    ) AS ranked
    WHERE place = 1
)

-- one row for each step of a lead is left: an aggregate only picks it
SELECT
    lead_id,
    max(lead_source) AS lead_source,
    max(referring_account_id) AS referring_account_id,
    max(converted_account_id) AS converted_account_id,
    max(manager_id) FILTER (WHERE step = 'created') AS manager_id,
    max(occurred_at) FILTER (WHERE step = 'created') AS created_at,
    max(occurred_at) FILTER (WHERE step = 'qualified') AS qualified_at,
    max(occurred_at) FILTER (WHERE step = 'converted') AS converted_at,
    max(event_id) FILTER (WHERE step = 'created') AS created_event,
    max(event_id) FILTER (WHERE step = 'qualified') AS qualified_event,
    max(event_id) FILTER (WHERE step = 'converted') AS converted_event
FROM first_steps
GROUP BY lead_id
""",
)

DEAL_ACCOUNTS = Projection(
    name="deal_accounts",
    doc="The account of each deal that some of its events name and others leave out.",
    key=("deal_id",),
    sql="""
WITH mentions AS (
    SELECT deal_id, account_id FROM deal_opened
    UNION ALL
    SELECT deal_id, account_id FROM deal_stage_changed
    UNION ALL
    SELECT deal_id, account_id FROM deal_closed
)

SELECT deal_id, max(account_id) AS owner_account_id
FROM mentions
GROUP BY deal_id
HAVING count(*) > count(account_id) AND count(account_id) > 0
""",
)

DEALS = Projection(
    name="deals",
    doc="One row per deal: the first opening, the latest closing, and the rest as last stated.",
    key=("account_id", "deal_id"),
    sql=f"""
WITH steps AS (
    SELECT
        'opened' AS step, account_id, manager_id, deal_id, occurred_at, id, event_id,
        kind, NULL AS outcome, amount AS stated_amount,
        coalesce(currency, $reporting_currency) AS currency,
        products, probability, NULL AS stage, NULL AS reason, referral_id, campaign_id
    FROM deal_opened
    UNION ALL
    SELECT
        'moved', account_id, manager_id, deal_id, occurred_at, id, event_id,
        NULL, NULL, amount, NULL,
        NULL, probability, stage, NULL, NULL, NULL
    FROM deal_stage_changed
    UNION ALL
    SELECT
        'closed', account_id, manager_id, deal_id, occurred_at, id, event_id,
        NULL, outcome, amount, coalesce(currency, $reporting_currency),
        products, NULL, NULL, reason, NULL, NULL
    FROM deal_closed
),

product_lines AS (
    SELECT event_id, unnest(map_entries(products)) AS line
    FROM steps
    WHERE stated_amount IS NULL AND products IS NOT NULL
),

-- whoever states products and no amount states what they add up to
product_sums AS (
    SELECT event_id, sum(line.value) AS amount
    FROM product_lines
    GROUP BY event_id
),

located AS (
    SELECT
        steps.*,
        coalesce(steps.stated_amount, product_sums.amount) AS amount,
        coalesce(steps.account_id, known.owner_account_id) AS home_id
    FROM steps
    LEFT JOIN deal_accounts AS known USING (deal_id)
    LEFT JOIN product_sums USING (event_id)
),

placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY home_id, deal_id ORDER BY occurred_at, id) AS place
    FROM located
),

told AS (
    SELECT
        home_id AS account_id,
        deal_id,
        arg_min(occurred_at, place) FILTER (WHERE step = 'opened') AS opened_at,
        arg_min(event_id, place) FILTER (WHERE step = 'opened') AS opened_event,
        arg_min(manager_id, place) FILTER (WHERE step = 'opened' AND manager_id IS NOT NULL)
            AS opened_by,
        arg_max(occurred_at, place) FILTER (WHERE step = 'closed') AS closed_at,
        arg_max(event_id, place) FILTER (WHERE step = 'closed') AS closed_event,
        arg_max(outcome, place) FILTER (WHERE outcome IS NOT NULL) AS outcome,
        arg_max(manager_id, place) FILTER (WHERE step = 'closed' AND manager_id IS NOT NULL)
            AS closed_by,
        arg_max(currency, place) FILTER (WHERE step = 'opened' AND currency IS NOT NULL)
            AS opening_currency,
        arg_max(kind, place) FILTER (WHERE kind IS NOT NULL) AS kind,
        arg_max(products, place) FILTER (WHERE products IS NOT NULL) AS products,
        arg_max(probability, place) FILTER (WHERE probability IS NOT NULL) AS probability,
        arg_max(stage, place) FILTER (WHERE stage IS NOT NULL) AS stage,
        arg_max(reason, place) FILTER (WHERE reason IS NOT NULL) AS reason,
        arg_max(referral_id, place) FILTER (WHERE referral_id IS NOT NULL) AS referral_id,
        arg_max(campaign_id, place) FILTER (WHERE campaign_id IS NOT NULL) AS campaign_id
    FROM placed
    GROUP BY home_id, deal_id
),

-- what a closing states goes before anything stated on the way
amounts AS (
    SELECT
        home_id AS account_id, deal_id, amount, currency, occurred_at,
        row_number() OVER (
            PARTITION BY home_id, deal_id
            ORDER BY step = 'closed' DESC, place DESC
        ) AS recency
    FROM placed
    WHERE amount IS NOT NULL
),

priced AS (
    SELECT
        told.*,
        amounts.amount AS stated_amount,
        amounts.occurred_at AS stated_at,
        coalesce(amounts.currency, told.opening_currency, $reporting_currency) AS currency
    FROM told
    LEFT JOIN amounts
        ON amounts.account_id IS NOT DISTINCT FROM told.account_id
        AND amounts.deal_id = told.deal_id
        AND amounts.recency = 1
)

SELECT
    priced.account_id,
    coalesce(priced.closed_by, priced.opened_by) AS manager_id,
    priced.opened_by,
    priced.deal_id,
    priced.kind,
    priced.opened_at,
    priced.closed_at,
    priced.outcome,
    {converted("priced.stated_amount")} AS amount,
    priced.currency,
    priced.products,
    priced.probability,
    priced.stage,
    priced.reason,
    priced.referral_id,
    priced.campaign_id,
    priced.opened_event,
    priced.closed_event,
    CASE
        WHEN priced.outcome = 'won' AND priced.stated_amount IS NULL
            THEN 'deal ' || priced.deal_id || ' was won without an amount'
        ELSE {problem("priced.stated_amount", "priced.currency", "priced.stated_at")}
    END AS problem
FROM priced
{rate_of("priced.currency", "priced.stated_at")}
""",
)

DEAL_PRODUCTS = Projection(
    name="deal_products",
    doc="One row per deal and product, and one for what no product accounts for: its amount.",
    key=("account_id", "deal_id", "product"),
    sql=f"""
WITH statements AS (
    SELECT
        account_id, deal_id, occurred_at, id, products,
        coalesce(currency, $reporting_currency) AS currency
    FROM deal_opened
    WHERE products IS NOT NULL
    UNION ALL
    SELECT
        account_id, deal_id, occurred_at, id, products,
        coalesce(currency, $reporting_currency)
    FROM deal_closed
    WHERE products IS NOT NULL
),

located AS (
    SELECT
        statements.*,
        coalesce(statements.account_id, known.owner_account_id) AS home_id
    FROM statements
    LEFT JOIN deal_accounts AS known USING (deal_id)
),

ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY home_id, deal_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM located
),

lines AS (
    SELECT
        home_id AS account_id, deal_id, occurred_at, currency,
        unnest(map_entries(products)) AS line
    FROM ranked
    WHERE recency = 1
),

running AS (
    SELECT
        account_id,
        deal_id,
        occurred_at,
        currency,
        line.key AS product,
        line.value AS stated,
        sum(line.value) OVER (
            PARTITION BY account_id, deal_id ORDER BY line.key
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS stated_so_far
    FROM lines
),

-- the difference of two rounded sums: the products add up to their sum, to the digit
priced AS (
    SELECT
        running.account_id,
        running.deal_id,
        running.product,
        {converted("running.stated_so_far")}
        - {converted("(running.stated_so_far - running.stated)")} AS amount,
        {problem("running.stated", "running.currency", "running.occurred_at")} AS problem
    FROM running
    {rate_of("running.currency", "running.occurred_at")}
),

accounted AS (
    SELECT account_id, deal_id, sum(amount) AS amount
    FROM priced
    GROUP BY account_id, deal_id
),

-- a discount on the whole, say, or all of a deal that names no products
rests AS (
    SELECT
        deals.account_id,
        deals.deal_id,
        CAST(NULL AS VARCHAR) AS product,
        deals.amount - coalesce(accounted.amount, 0) AS amount,
        deals.problem
    FROM deals
    LEFT JOIN accounted
        ON accounted.deal_id = deals.deal_id
        AND accounted.account_id IS NOT DISTINCT FROM deals.account_id
)

SELECT account_id, deal_id, product, amount, problem
FROM priced
UNION ALL
SELECT account_id, deal_id, product, amount, problem
FROM rests
WHERE amount <> 0 OR problem IS NOT NULL
""",
)

DEAL_PROBABILITIES = Projection(
    name="deal_probabilities",
    doc="One row per open deal and interval during which it was as probable as it was last said.",
    key=("account_id", "deal_id", "valid_from"),
    sql="""
WITH steps AS (
    SELECT account_id, deal_id, occurred_at, id, event_id, probability
    FROM deal_opened
    WHERE probability IS NOT NULL
    UNION ALL
    SELECT account_id, deal_id, occurred_at, id, event_id, probability
    FROM deal_stage_changed
    WHERE probability IS NOT NULL
),

located AS (
    SELECT
        steps.*,
        coalesce(steps.account_id, known.owner_account_id) AS home_id
    FROM steps
    LEFT JOIN deal_accounts AS known USING (deal_id)
),

intervals AS (
    SELECT
        *,
        lead(occurred_at) OVER (
            PARTITION BY home_id, deal_id ORDER BY occurred_at, id
        ) AS next_at
    FROM located
),

-- least() leaves out what is NULL: no next step, no closing
bounded AS (
    SELECT
        deals.account_id,
        deals.deal_id,
        deals.kind,
        intervals.probability,
        intervals.occurred_at AS valid_from,
        least(intervals.next_at, deals.closed_at) AS valid_to,
        intervals.event_id
    FROM intervals
    INNER JOIN deals
        ON deals.deal_id = intervals.deal_id
        AND deals.account_id IS NOT DISTINCT FROM intervals.home_id
)

SELECT account_id, deal_id, kind, probability, valid_from, valid_to, event_id
FROM bounded
WHERE valid_to IS NULL OR valid_from < valid_to
""",
)

PROPENSITIES = Projection(
    name="propensities",
    doc="One row per account, kind of propensity and interval during which a score stood.",
    key=("account_id", "kind", "valid_from"),
    sql="""
WITH intervals AS (
    SELECT
        account_id,
        kind,
        probability,
        model,
        occurred_at AS valid_from,
        lead(occurred_at) OVER (
            PARTITION BY account_id, kind ORDER BY occurred_at, id
        ) AS valid_to,
        event_id
    FROM propensity_scored
)

SELECT account_id, kind, probability, model, valid_from, valid_to, event_id
FROM intervals
WHERE valid_to IS NULL OR valid_from < valid_to
""",
)

CAMPAIGN_TARGETS = Projection(
    name="campaign_targets",
    doc="One row per campaign and account that it took as a target, at the first such instant.",
    key=("account_id", "campaign_id"),
    sql="""
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, campaign_id ORDER BY occurred_at, id
        ) AS place
    FROM campaign_targeted
)

SELECT account_id, campaign_id, occurred_at, event_id
FROM ranked
WHERE place = 1
""",
)

PROJECTIONS = (
    LEADS,
    DEAL_ACCOUNTS,
    DEALS,
    DEAL_PRODUCTS,
    DEAL_PROBABILITIES,
    PROPENSITIES,
    CAMPAIGN_TARGETS,
)
