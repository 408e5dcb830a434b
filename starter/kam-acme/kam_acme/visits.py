"""Visits to a customer's site: what the log takes, and the table that is made of it."""

from __future__ import annotations

from typing import Annotated, Literal

from kamengine import EventData, EventType, Projection
from msgspec import Meta


class VisitLogged(EventData, frozen=True):
    """Somebody of ours was at the customer's site; stated again, it replaces what was said."""

    visit_id: Annotated[str, Meta(min_length=1)]
    minutes: Annotated[int, Meta(ge=0, le=1_440)]
    purpose: Literal["service", "review", "training"] | None = None


VISIT_LOGGED = EventType(
    name="acme_visit.logged",
    data=VisitLogged,
    doc="Somebody of ours was at the customer's site; stated again, it replaces what was said.",
    family="acme",
)

VISITS = Projection(
    name="acme_visits",
    doc="One row per visit, as last stated.",
    key=("account_id", "visit_id"),
    sql="""
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY account_id, visit_id ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM acme_visit_logged
)

SELECT account_id, manager_id, visit_id, minutes, purpose, occurred_at, event_id
FROM ranked
WHERE recency = 1
""",
)
