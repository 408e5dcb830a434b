"""Deals: leads, opportunities from opening to closing, campaigns, propensities."""

from __future__ import annotations

from typing import Literal

import msgspec

from kam_events.conversion import converted, problem, rate_of
from kam_events.declaration import Family
from kam_events.fields import Currency, Id, Measured, Money, Probability
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
        kind, NULL AS outcome, amount, coalesce(currency, $reporting_currency) AS currency,
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

located AS (
    SELECT
        steps.*,
        coalesce(steps.account_id, known.owner_account_id) AS home_id
    FROM steps
    LEFT JOIN deal_accounts AS known USING (deal_id)
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
    {problem("priced.stated_amount", "priced.currency", "priced.stated_at")} AS problem
FROM priced
{rate_of("priced.currency", "priced.stated_at")}
""",
)

PROJECTIONS = (LEADS, DEAL_ACCOUNTS, DEALS)
