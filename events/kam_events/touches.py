"""Touches: what was said to whom, over which channel, and whether it went both ways."""

from __future__ import annotations

from typing import Literal

from kam_events.declaration import Family
from kam_events.fields import Id, Instant, Minutes, OneToFive
from kamengine.event import EventData
from kamengine.projection import Projection

FAMILY = Family("touches, plans, outcomes")


class TouchLogged(EventData, frozen=True):
    """A touch with a customer or a prospect is planned, done, cancelled or missed."""

    channel: Literal["email", "call", "video", "meeting", "chat", "other"]
    direction: Literal["inbound", "outbound"] | None = None
    status: Literal["completed", "planned", "cancelled", "no_show"] = "completed"
    minutes: Minutes | None = None
    contact_ids: tuple[Id, ...] = ()
    touch_id: Id | None = None
    thread_id: Id | None = None
    deal_id: Id | None = None
    prospect_id: Id | None = None
    replied_at: Instant | None = None
    purpose: Literal["strategic", "operational", "support"] | None = None
    quality: OneToFive | None = None


class CallReceived(EventData, frozen=True):
    """A call from an account comes in."""

    call_id: Id


class CallAnswered(EventData, frozen=True):
    """A call that came in is answered."""

    call_id: Id
    by: Id | None = None


EVENT_TYPES = (
    FAMILY.event("touch.logged", TouchLogged, account="optional", manager="required"),
    FAMILY.event("call.received", CallReceived),
    FAMILY.event("call.answered", CallAnswered),
)

REPLACED_TOUCHES = Projection(
    name="replaced_touches",
    doc="One row per statement of a touch that a later one replaces.",
    key=("event_id",),
    sql="""
-- only these can be stated more than once: the rest, nearly all of the log, is spared the sort
WITH named AS (
    SELECT DISTINCT touch_id AS id FROM touch_logged WHERE touch_id IS NOT NULL
),

ranked AS (
    SELECT
        account_id,
        event_id,
        row_number() OVER (
            PARTITION BY account_id, coalesce(touch_id, id) ORDER BY occurred_at DESC, id DESC
        ) AS recency
    FROM touch_logged
    WHERE touch_id IS NOT NULL OR id IN (SELECT id FROM named)
)

SELECT account_id, event_id
FROM ranked
WHERE recency > 1
""",
)

TOUCHES = Projection(
    name="touches",
    doc="One row per touch, as last stated; two-way means that the customer took part.",
    key=("account_id", "touch_id"),
    stored=False,
    sql="""
SELECT
    account_id,
    manager_id,
    coalesce(touch_id, id) AS touch_id,
    occurred_at,
    channel,
    direction,
    status,
    status = 'completed' AS completed,
    status = 'completed' AND (
        channel IN ('call', 'video', 'meeting')
        OR coalesce(direction, '') = 'inbound'
        OR replied_at IS NOT NULL
    ) AS two_way,
    minutes,
    contact_ids,
    thread_id,
    deal_id,
    prospect_id,
    purpose,
    quality,
    replied_at,
    event_id
FROM touch_logged
WHERE event_id NOT IN (SELECT event_id FROM replaced_touches)
""",
)

TOUCH_CONTACTS = Projection(
    name="touch_contacts",
    doc="One row per touch and contact who took part, with the contact's role at that moment.",
    key=("event_id", "contact_id"),
    sql="""
WITH attendances AS (
    SELECT
        account_id, manager_id, touch_id, event_id, occurred_at, completed, two_way,
        unnest(
            CASE
                WHEN array_length(contact_ids) > 1 THEN list_distinct(contact_ids)
                ELSE contact_ids
            END
        ) AS contact_id
    FROM touches
    WHERE array_length(contact_ids) > 0
)

SELECT
    attended.account_id,
    attended.manager_id,
    attended.touch_id,
    attended.event_id,
    attended.occurred_at,
    attended.contact_id,
    contact.role,
    contact.influence,
    coalesce(contact.role IN ('exec_sponsor', 'decision_maker', 'champion'), FALSE) AS key_contact,
    coalesce(contact.role IN ('exec_sponsor', 'decision_maker'), FALSE) AS decision_maker,
    attended.completed,
    attended.two_way
FROM attendances AS attended
LEFT JOIN contacts AS contact
    ON contact.account_id = attended.account_id
    AND contact.contact_id = attended.contact_id
    AND contact.valid_from <= attended.occurred_at
    AND (contact.valid_to IS NULL OR attended.occurred_at < contact.valid_to)
""",
)

THREAD_STARTS = Projection(
    name="thread_starts",
    doc="One row per thread: its first completed touch.",
    key=("account_id", "thread_id"),
    sql="""
WITH ranked AS (
    SELECT
        account_id, thread_id, occurred_at, event_id,
        row_number() OVER (
            PARTITION BY account_id, thread_id ORDER BY occurred_at, touch_id
        ) AS place
    FROM touches
    WHERE completed AND thread_id IS NOT NULL
)

SELECT account_id, thread_id, occurred_at, event_id
FROM ranked
WHERE place = 1
""",
)

PROJECTIONS = (REPLACED_TOUCHES, TOUCHES, TOUCH_CONTACTS, THREAD_STARTS)
