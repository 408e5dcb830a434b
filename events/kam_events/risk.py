"""Risk: issues, competitors, assessments, our standing as a supplier."""

from __future__ import annotations

from typing import Literal

from kam_events.contracts import FAMILY
from kam_events.fields import Count, Currency, Id, Measured, Money, Probability
from kamengine.event import EventData
from kamengine.projection import Projection


class IssueOpened(EventData, frozen=True):
    """A customer has a problem that we are to solve."""

    issue_id: Id
    severity: str | None = None


class IssueResolved(EventData, frozen=True):
    """An issue is solved."""

    issue_id: Id


class IssueReopened(EventData, frozen=True):
    """An issue proves not to be solved."""

    issue_id: Id


class CompetitorSighted(EventData, frozen=True):
    """A competitor shows up at an account."""

    sighting_id: Id
    competitor: str | None = None
    threat: str | None = None


class CompetitorResponded(EventData, frozen=True):
    """We answer a competitor's move."""

    sighting_id: Id
    action: str | None = None


class RiskAssessed(Measured, frozen=True):
    """Somebody, or a model, estimates how likely an account is to be lost, and the loss."""

    likelihood: Probability
    impact: Money
    currency: Currency | None = None
    model: str | None = None


class SupplierStatusChanged(EventData, frozen=True):
    """Our standing as the account's supplier in a category changes."""

    category: str
    status: Literal["preferred", "sole", "approved", "none"]


class SupplierCounted(EventData, frozen=True):
    """The account's suppliers in a category are counted."""

    category: str
    count: Count


EVENT_TYPES = (
    FAMILY.event("issue.opened", IssueOpened),
    FAMILY.event("issue.resolved", IssueResolved),
    FAMILY.event("issue.reopened", IssueReopened),
    FAMILY.event("competitor.sighted", CompetitorSighted),
    FAMILY.event("competitor.responded", CompetitorResponded),
    FAMILY.event("risk.assessed", RiskAssessed),
    FAMILY.event("supplier.status_changed", SupplierStatusChanged),
    FAMILY.event("supplier.counted", SupplierCounted),
)

ISSUES = Projection(
    name="issues",
    doc="One row per issue: first opened, finally resolved, reopened in between or not.",
    key=("account_id", "issue_id"),
    sql="""
WITH openings AS (
    SELECT
        account_id, issue_id, occurred_at AS opened_at, event_id AS opened_event,
        last_value(severity IGNORE NULLS) OVER (
            PARTITION BY account_id, issue_id ORDER BY occurred_at, id
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS severity,
        row_number() OVER (PARTITION BY account_id, issue_id ORDER BY occurred_at, id) AS place
    FROM issue_opened
),

turns AS (
    SELECT account_id, issue_id, occurred_at, id, event_id, FALSE AS reopens FROM issue_resolved
    UNION ALL
    SELECT account_id, issue_id, occurred_at, id, event_id, TRUE AS reopens FROM issue_reopened
),

ranked AS (
    SELECT
        *,
        bool_or(reopens) OVER (PARTITION BY account_id, issue_id) AS reopened,
        row_number() OVER (
            PARTITION BY account_id, issue_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM turns
),

last_turns AS (SELECT * FROM ranked WHERE recency = 1)

SELECT
    account_id,
    issue_id,
    openings.severity,
    openings.opened_at,
    CASE WHEN NOT latest.reopens THEN latest.occurred_at END AS resolved_at,
    coalesce(latest.reopened, FALSE) AS reopened,
    openings.opened_event,
    CASE WHEN NOT latest.reopens THEN latest.event_id END AS resolved_event
FROM openings
LEFT JOIN last_turns AS latest USING (account_id, issue_id)
WHERE openings.place = 1
""",
)

PROJECTIONS = (ISSUES,)
