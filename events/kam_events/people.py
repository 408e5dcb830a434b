"""People: the contacts at the account, the managers on our side, and their teams."""

from __future__ import annotations

import datetime as dt
from typing import Literal, TypeAlias

from kam_events.accounts import FAMILY
from kam_events.fields import Id, ZeroToTen, check_some
from kamengine.event import EventData
from kamengine.projection import Projection

ContactRole: TypeAlias = Literal["exec_sponsor", "decision_maker", "champion", "user", "other"]


class ContactAdded(EventData, frozen=True):
    """A person at an account becomes a contact of ours."""

    contact_id: Id
    role: ContactRole
    name: str | None = None
    influence: ZeroToTen | None = None
    department: str | None = None
    seniority: str | None = None


class ContactChanged(EventData, frozen=True):
    """A contact gets another role, influence, department or seniority; the rest stays."""

    contact_id: Id
    role: ContactRole | None = None
    influence: ZeroToTen | None = None
    department: str | None = None
    seniority: str | None = None

    def __post_init__(self) -> None:
        check_some(self, "contact_id")


class ContactLeft(EventData, frozen=True):
    """A contact is no longer at the account."""

    contact_id: Id


class ManagerHired(EventData, frozen=True):
    """A key account manager is hired; tenure counts from ``hired_on``."""

    name: str
    hired_on: dt.date
    team: Id | None = None


class ManagerTeamAssigned(EventData, frozen=True):
    """A manager joins a team and leaves the one before."""

    team: Id


class ManagerLeft(EventData, frozen=True):
    """A manager leaves the organisation, and so the team."""


EVENT_TYPES = (
    FAMILY.event("contact.added", ContactAdded),
    FAMILY.event("contact.changed", ContactChanged),
    FAMILY.event("contact.left", ContactLeft),
    FAMILY.event("manager.hired", ManagerHired, account="none", manager="required"),
    FAMILY.event("manager.team_assigned", ManagerTeamAssigned, account="none", manager="required"),
    FAMILY.event("manager.left", ManagerLeft, account="none", manager="required"),
)

CONTACTS = Projection(
    name="contacts",
    doc="One row per contact and interval during which they were there and nothing changed.",
    key=("account_id", "contact_id", "valid_from"),
    sql="""
WITH statements AS (
    SELECT
        account_id, contact_id, occurred_at, id, event_id, TRUE AS present,
        name, role, influence, department, seniority
    FROM contact_added
    UNION ALL
    SELECT
        account_id, contact_id, occurred_at, id, event_id, NULL AS present,
        NULL AS name, role, influence, department, seniority
    FROM contact_changed
    UNION ALL
    SELECT
        account_id, contact_id, occurred_at, id, event_id, FALSE AS present,
        NULL AS name, NULL AS role, NULL AS influence, NULL AS department, NULL AS seniority
    FROM contact_left
),

-- what a statement leaves out stays as it was, also for a contact who comes back
carried AS (
    SELECT
        account_id,
        contact_id,
        last_value(present IGNORE NULLS) OVER so_far AS present,
        last_value(name IGNORE NULLS) OVER so_far AS name,
        last_value(role IGNORE NULLS) OVER so_far AS role,
        last_value(influence IGNORE NULLS) OVER so_far AS influence,
        last_value(department IGNORE NULLS) OVER so_far AS department,
        last_value(seniority IGNORE NULLS) OVER so_far AS seniority,
        occurred_at AS valid_from,
        lead(occurred_at) OVER (
            PARTITION BY account_id, contact_id ORDER BY occurred_at, id
        ) AS valid_to,
        event_id
    FROM statements
    WINDOW so_far AS (
        PARTITION BY account_id, contact_id ORDER BY occurred_at, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
)

SELECT
    account_id, contact_id, name, role, influence, department, seniority,
    valid_from, valid_to, event_id
FROM carried
WHERE present AND (valid_to IS NULL OR valid_from < valid_to)
""",
)

MANAGERS = Projection(
    name="managers",
    doc="One row per manager, from the latest hiring.",
    key=("manager_id",),
    sql="""
WITH hirings AS (
    SELECT
        *,
        local_start(hired_on) AS hired_at,
        row_number() OVER (PARTITION BY manager_id ORDER BY occurred_at DESC, id DESC) AS recency
    FROM manager_hired
),

leavings AS (
    SELECT hirings.manager_id, max(manager_left.occurred_at) AS left_at
    FROM hirings
    INNER JOIN manager_left
        ON manager_left.manager_id = hirings.manager_id
        AND manager_left.occurred_at >= hirings.hired_at
    WHERE hirings.recency = 1
    GROUP BY hirings.manager_id
)

SELECT manager_id, name, hired_on, hired_at, left_at, event_id
FROM hirings
LEFT JOIN leavings USING (manager_id)
WHERE recency = 1
""",
)

EMPLOYMENTS = Projection(
    name="employments",
    doc="One row per manager and unbroken time that they were employed.",
    key=("manager_id", "starts_at"),
    sql="""
WITH steps AS (
    SELECT
        manager_id, local_start(hired_on) AS stepped_at, FALSE AS leaves,
        occurred_at, id, event_id
    FROM manager_hired
    UNION ALL
    SELECT manager_id, occurred_at AS stepped_at, TRUE AS leaves, occurred_at, id, event_id
    FROM manager_left
),

-- at one instant a hiring comes first and a leaving last
spells AS (
    SELECT
        *,
        count(CASE WHEN leaves THEN 1 END) OVER (
            PARTITION BY manager_id ORDER BY stepped_at, leaves, occurred_at, id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS leavings
    FROM steps
),

-- of hirings with no leaving in between, the one stated last holds
hirings AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY manager_id, leavings ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM spells
    WHERE NOT leaves
)

SELECT hired.manager_id, hired.stepped_at AS starts_at, gone.stepped_at AS ends_at, hired.event_id
FROM hirings AS hired
LEFT JOIN spells AS gone
    ON gone.manager_id = hired.manager_id
    AND gone.leaves
    AND gone.leavings = hired.leavings + 1
WHERE hired.recency = 1 AND (gone.stepped_at IS NULL OR hired.stepped_at < gone.stepped_at)
""",
)

TEAM_MEMBERSHIP = Projection(
    name="team_membership",
    doc="One row per manager and interval during which they belonged to one team.",
    key=("manager_id", "valid_from"),
    sql="""
-- at one instant a hiring comes first and a leaving last
WITH moves AS (
    SELECT manager_id, team, local_start(hired_on) AS moved_at, 1 AS turn, id, event_id
    FROM manager_hired
    WHERE team IS NOT NULL
    UNION ALL
    SELECT manager_id, team, occurred_at AS moved_at, 2 AS turn, id, event_id
    FROM manager_team_assigned
    UNION ALL
    SELECT manager_id, NULL AS team, occurred_at AS moved_at, 3 AS turn, id, event_id
    FROM manager_left
),

intervals AS (
    SELECT
        manager_id,
        team,
        moved_at AS valid_from,
        lead(moved_at) OVER (PARTITION BY manager_id ORDER BY moved_at, turn, id) AS valid_to,
        event_id
    FROM moves
)

SELECT *
FROM intervals
WHERE team IS NOT NULL AND (valid_to IS NULL OR valid_from < valid_to)
""",
)

PROJECTIONS = (CONTACTS, MANAGERS, EMPLOYMENTS, TEAM_MEMBERSHIP)
