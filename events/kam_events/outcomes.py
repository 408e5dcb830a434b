"""Outcomes: what the customer needs, what we propose, and what they say of us in the end."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from kam_events.fields import Id, OneToFive, ZeroToFive
from kam_events.touches import FAMILY
from kamengine.event import EventData
from kamengine.projection import Projection


class NeedsAssessed(EventData, frozen=True):
    """A need of the customer is rated: how much it matters, how well we understand it."""

    need_id: Id
    importance: OneToFive
    understanding: ZeroToFive
    validated_by_customer: bool


class ProposalSubmitted(EventData, frozen=True):
    """A proposal goes to the customer."""

    proposal_id: Id
    need_ids: tuple[Id, ...] = ()


class ProposalRated(EventData, frozen=True):
    """The customer or the manager rates how well a proposal meets the needs."""

    proposal_id: Id
    score: OneToFive
    rater: Literal["customer", "manager"]


class MentionCaptured(EventData, frozen=True):
    """An account speaks of us in public, well or badly."""

    mention_id: Id
    channel: str
    sentiment: Literal["positive", "neutral", "negative"]


class ReferenceAgreed(EventData, frozen=True):
    """A contact agrees to be named as a reference, for good or up to ``valid_to``."""

    contact_id: Id | None = None
    kind: str | None = None
    valid_to: dt.date | None = None


class ReferenceWithdrawn(EventData, frozen=True):
    """A reference takes its consent back."""

    contact_id: Id | None = None


EVENT_TYPES = (
    FAMILY.event("needs.assessed", NeedsAssessed),
    FAMILY.event("proposal.submitted", ProposalSubmitted),
    FAMILY.event("proposal.rated", ProposalRated),
    FAMILY.event("mention.captured", MentionCaptured),
    FAMILY.event("reference.agreed", ReferenceAgreed),
    FAMILY.event("reference.withdrawn", ReferenceWithdrawn),
)

NEEDS = Projection(
    name="needs",
    doc="One row per need of a customer and interval during which one assessment of it held.",
    key=("account_id", "need_id", "valid_from"),
    sql="""
WITH assessments AS (
    SELECT
        *,
        lead(occurred_at) OVER (
            PARTITION BY account_id, need_id ORDER BY occurred_at, id
        ) AS valid_to
    FROM needs_assessed
)

SELECT
    account_id,
    need_id,
    importance,
    understanding,
    validated_by_customer AS validated,
    occurred_at AS valid_from,
    valid_to,
    event_id
FROM assessments
WHERE valid_to IS NULL OR occurred_at < valid_to
""",
)

PROPOSALS = Projection(
    name="proposals",
    doc="One row per proposal, with the rating that stands: the customer's, else the manager's.",
    key=("account_id", "proposal_id"),
    sql="""
WITH submissions AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, proposal_id ORDER BY occurred_at, id
        ) AS place
    FROM proposal_submitted
),

first_submissions AS (SELECT * FROM submissions WHERE place = 1),

ratings AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, proposal_id
            ORDER BY CASE rater WHEN 'customer' THEN 1 ELSE 2 END, occurred_at DESC, id DESC
        ) AS place
    FROM proposal_rated
),

standing_ratings AS (SELECT * FROM ratings WHERE place = 1)

SELECT
    account_id,
    proposal_id,
    submitted.occurred_at AS submitted_at,
    rated.score,
    rated.rater,
    rated.occurred_at AS rated_at,
    submitted.event_id AS submitted_event,
    rated.event_id AS rated_event
FROM first_submissions AS submitted
FULL JOIN standing_ratings AS rated USING (account_id, proposal_id)
""",
)

MENTIONS = Projection(
    name="mentions",
    doc="One row per public mention of us by a customer, as last classified.",
    key=("account_id", "mention_id"),
    sql="""
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, mention_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM mention_captured
)

SELECT account_id, mention_id, channel, sentiment, occurred_at, event_id
FROM ranked
WHERE recency = 1
""",
)

REFERENCE_CONSENTS = Projection(
    name="reference_consents",
    doc="One row per consent to be named as a reference, with the interval during which it holds.",
    key=("account_id", "event_id"),
    sql="""
-- a contact takes back their own consent; a withdrawal without a contact, every consent
WITH withdrawals AS (
    SELECT agreed.event_id, min(withdrawn.occurred_at) AS withdrawn_at
    FROM reference_agreed AS agreed
    INNER JOIN reference_withdrawn AS withdrawn
        ON withdrawn.account_id = agreed.account_id
        AND (withdrawn.contact_id IS NULL OR withdrawn.contact_id = agreed.contact_id)
        AND (
            withdrawn.occurred_at > agreed.occurred_at
            OR (withdrawn.occurred_at = agreed.occurred_at AND withdrawn.id > agreed.id)
        )
    GROUP BY agreed.event_id
),

-- a consent up to a day holds on that day too
intervals AS (
    SELECT
        agreed.account_id,
        agreed.contact_id,
        agreed.kind,
        agreed.occurred_at AS valid_from,
        least(
            withdrawn.withdrawn_at, local_start(CAST(agreed.valid_to + 1 AS DATE))
        ) AS valid_to,
        agreed.event_id
    FROM reference_agreed AS agreed
    LEFT JOIN withdrawals AS withdrawn USING (event_id)
)

SELECT account_id, contact_id, kind, valid_from, valid_to, event_id
FROM intervals
WHERE valid_to IS NULL OR valid_from < valid_to
""",
)

PROJECTIONS = (NEEDS, PROPOSALS, MENTIONS, REFERENCE_CONSENTS)
