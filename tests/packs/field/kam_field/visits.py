"""What happens at a customer's site, and one row for each visit."""

from __future__ import annotations

from typing import Literal

from kamengine import EventData, EventType, Projection, Upcast


class SiteVisitedInHours(EventData, frozen=True):
    """The payload of version 1: whole hours."""

    visit_id: str
    hours: int


class SiteVisited(EventData, frozen=True):
    """A technician was at a customer's site."""

    visit_id: str
    minutes: int
    purpose: Literal["repair", "inspection"] = "repair"
    fixed: bool | None = None


SITE_VISITED = EventType(
    name="site.visited",
    data=SiteVisited,
    doc="A technician was at a customer's site.",
    family="field service",
    version=2,
    upcasts=(Upcast(version=1, data=SiteVisitedInHours, columns={"minutes": "hours * 60"}),),
)

VISITS = Projection(
    name="site_visits_made",
    doc="One row per visit, as it was told last.",
    key=("account_id", "visit_id"),
    sql="""
        WITH told AS (
            SELECT
                *,
                row_number() OVER (
                    PARTITION BY account_id, visit_id
                    ORDER BY occurred_at DESC, id DESC
                ) AS recency
            FROM site_visited
        )

        SELECT account_id, visit_id, manager_id, occurred_at, event_id, minutes, purpose, fixed
        FROM told
        WHERE recency = 1
    """,
)
