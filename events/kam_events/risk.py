"""Risk: issues, competitors, assessments, our standing as a supplier."""

from __future__ import annotations

from typing import Literal

from kam_events.contracts import FAMILY
from kam_events.conversion import converted, problem, rate_of
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

ISSUE_STRETCHES = Projection(
    name="issue_stretches",
    doc="One row per issue and interval during which it was open.",
    key=("account_id", "issue_id", "valid_from"),
    sql="""
WITH solutions AS (
    SELECT account_id, issue_id, occurred_at, id, event_id, FALSE AS opens FROM issue_resolved
    UNION ALL
    SELECT account_id, issue_id, occurred_at, id, event_id, TRUE AS opens FROM issue_reopened
),

-- what is said to have come before the opening can't have come before it
turns AS (
    SELECT
        account_id, issue_id, opened_at AS turned_at, 1 AS turn, opened_at AS told_at, '' AS id,
        opened_event AS event_id, TRUE AS opens
    FROM issues
    UNION ALL
    SELECT
        solution.account_id,
        solution.issue_id,
        greatest(solution.occurred_at, issue.opened_at) AS turned_at,
        2 AS turn,
        solution.occurred_at AS told_at,
        solution.id,
        solution.event_id,
        solution.opens
    FROM solutions AS solution
    INNER JOIN issues AS issue USING (account_id, issue_id)
),

intervals AS (
    SELECT
        *,
        lead(turned_at) OVER (
            PARTITION BY account_id, issue_id ORDER BY turned_at, turn, told_at, id
        ) AS valid_to
    FROM turns
)

SELECT
    stretch.account_id,
    stretch.issue_id,
    issue.severity,
    issue.opened_at,
    stretch.turned_at AS valid_from,
    stretch.valid_to,
    issue.opened_event,
    stretch.event_id
FROM intervals AS stretch
INNER JOIN issues AS issue USING (account_id, issue_id)
WHERE stretch.opens AND (stretch.valid_to IS NULL OR stretch.turned_at < stretch.valid_to)
""",
)

COMPETITOR_SIGHTINGS = Projection(
    name="competitor_sightings",
    doc="One row per sighting of a competitor: when it was first seen, and first responded to.",
    key=("account_id", "sighting_id"),
    sql="""
WITH told AS (
    SELECT
        account_id, sighting_id, occurred_at, event_id,
        last_value(competitor IGNORE NULLS) OVER whole AS competitor,
        last_value(threat IGNORE NULLS) OVER whole AS threat,
        row_number() OVER (
            PARTITION BY account_id, sighting_id ORDER BY occurred_at, id
        ) AS place
    FROM competitor_sighted
    WINDOW whole AS (
        PARTITION BY account_id, sighting_id ORDER BY occurred_at, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
),

responses AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, sighting_id ORDER BY occurred_at, id
        ) AS place
    FROM competitor_responded
),

first_responses AS (SELECT * FROM responses WHERE place = 1)

SELECT
    account_id,
    sighting_id,
    told.competitor,
    told.threat,
    told.occurred_at AS sighted_at,
    response.occurred_at AS responded_at,
    response.action,
    told.event_id AS sighted_event,
    response.event_id AS responded_event
FROM told
LEFT JOIN first_responses AS response USING (account_id, sighting_id)
WHERE told.place = 1
""",
)

RISKS = Projection(
    name="risks",
    doc="One row per account and interval during which one assessment of its risk stood.",
    key=("account_id", "valid_from"),
    sql=f"""
WITH assessments AS (
    SELECT
        *,
        coalesce(currency, $reporting_currency) AS stated_currency,
        lead(occurred_at) OVER (PARTITION BY account_id ORDER BY occurred_at, id) AS valid_to
    FROM risk_assessed
)

SELECT
    risk.account_id,
    risk.likelihood,
    {converted("risk.impact")} AS impact,
    risk.model,
    risk.occurred_at AS valid_from,
    risk.valid_to,
    risk.event_id,
    {problem("risk.impact", "risk.stated_currency", "risk.occurred_at")} AS problem
FROM assessments AS risk
{rate_of("risk.stated_currency", "risk.occurred_at")}
WHERE risk.valid_to IS NULL OR risk.occurred_at < risk.valid_to
""",
)


def _standing(name: str, doc: str, table: str, column: str) -> Projection:
    """Declare what was last said of an account's suppliers in a category, interval by interval.

    Args:
        name: The projection's name.
        doc: What a row is.
        table: The facts that say it.
        column: Their column, and the projection's.
    """
    return Projection(
        name=name,
        doc=doc,
        key=("account_id", "category", "valid_from"),
        sql=f"""
WITH told AS (
    SELECT
        *,
        lead(occurred_at) OVER (
            PARTITION BY account_id, category ORDER BY occurred_at, id
        ) AS valid_to
    FROM {table}
)

SELECT account_id, category, {column}, occurred_at AS valid_from, valid_to, event_id
FROM told
WHERE valid_to IS NULL OR occurred_at < valid_to
""",
    )


SUPPLIER_STATUSES = _standing(
    "supplier_statuses",
    "One row per account, category and interval during which our standing as a supplier held.",
    "supplier_status_changed",
    "status",
)

SUPPLIER_COUNTS = _standing(
    "supplier_counts",
    "One row per account, category and interval during which a count of its suppliers held.",
    "supplier_counted",
    "count",
)

PROJECTIONS = (
    ISSUES,
    ISSUE_STRETCHES,
    COMPETITOR_SIGHTINGS,
    RISKS,
    SUPPLIER_STATUSES,
    SUPPLIER_COUNTS,
)
