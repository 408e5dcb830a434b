"""Relationship: how close we are to the customer, and how close they are to us."""

from __future__ import annotations

from collections.abc import Iterable

from kam_relationship.account_engagement import (
    ACCOUNT_ENGAGEMENT,
    ACCOUNT_ENGAGEMENT_ATTAINMENT,
    ACCOUNT_ENGAGEMENT_FREQUENCY,
    ACCOUNT_ENGAGEMENT_QUALITY,
)
from kam_relationship.account_plan_quality import ACCOUNT_PLAN_QUALITY
from kam_relationship.activity_volume import ACTIVITY_VOLUME
from kam_relationship.business_reviews import BUSINESS_REVIEWS_COMPLETED, BUSINESS_REVIEWS_ON_TIME
from kam_relationship.client_mentions import CLIENT_MENTION_SENTIMENT
from kam_relationship.contact_gap import CONTACT_GAP_DAYS, KEY_CONTACT_GAP_DAYS
from kam_relationship.customer_needs_analysis import CUSTOMER_NEEDS_ANALYSIS
from kam_relationship.customer_outcomes import CUSTOMER_OUTCOMES
from kam_relationship.effort_outcome_gap import EFFORT_OUTCOME_GAP
from kam_relationship.executive_sponsorship import (
    EXECUTIVE_INFLUENCE,
    EXECUTIVE_INFLUENCE_ENGAGED,
    EXECUTIVE_SPONSORSHIP,
)
from kam_relationship.inbound_share import INBOUND_INTERACTION_SHARE
from kam_relationship.interaction_time import CUSTOMER_INTERACTION_TIME
from kam_relationship.internal_collaboration import INTERNAL_COLLABORATION
from kam_relationship.named_account_coverage import NAMED_ACCOUNT_COVERAGE
from kam_relationship.number_of_contacts import NUMBER_OF_CONTACTS
from kam_relationship.outreach_effectiveness import OUTREACH_EFFECTIVENESS
from kam_relationship.referenceable_clients import (
    REFERENCEABLE_CLIENTS,
    REFERENCEABLE_CLIENTS_COUNT,
)
from kam_relationship.solution_proposal_relevance import SOLUTION_PROPOSAL_RELEVANCE
from kam_relationship.strategic_interactions import STRATEGIC_INTERACTIONS
from kamengine.hookspecs import hookimpl
from kamengine.kpi import KPI

kamengine_api = "1.0"


@hookimpl
def kamengine_kpis() -> Iterable[KPI]:
    """Register the relationship KPIs."""
    return (
        ACCOUNT_ENGAGEMENT,
        ACCOUNT_ENGAGEMENT_ATTAINMENT,
        ACCOUNT_ENGAGEMENT_FREQUENCY,
        ACCOUNT_ENGAGEMENT_QUALITY,
        ACCOUNT_PLAN_QUALITY,
        ACTIVITY_VOLUME,
        BUSINESS_REVIEWS_COMPLETED,
        BUSINESS_REVIEWS_ON_TIME,
        CLIENT_MENTION_SENTIMENT,
        CONTACT_GAP_DAYS,
        KEY_CONTACT_GAP_DAYS,
        CUSTOMER_INTERACTION_TIME,
        EFFORT_OUTCOME_GAP,
        CUSTOMER_NEEDS_ANALYSIS,
        CUSTOMER_OUTCOMES,
        EXECUTIVE_INFLUENCE,
        EXECUTIVE_INFLUENCE_ENGAGED,
        EXECUTIVE_SPONSORSHIP,
        INBOUND_INTERACTION_SHARE,
        INTERNAL_COLLABORATION,
        NAMED_ACCOUNT_COVERAGE,
        NUMBER_OF_CONTACTS,
        OUTREACH_EFFECTIVENESS,
        REFERENCEABLE_CLIENTS,
        REFERENCEABLE_CLIENTS_COUNT,
        SOLUTION_PROPOSAL_RELEVANCE,
        STRATEGIC_INTERACTIONS,
    )
