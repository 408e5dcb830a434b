"""Outreach: which touch came how far into the pursuit of which sale."""

from __future__ import annotations

from kamengine.event import EventType
from kamengine.projection import Projection

EVENT_TYPES: tuple[EventType, ...] = ()

OUTREACH = Projection(
    name="outreach",
    doc="One row per completed touch that began with us, with its place in the pursuit of a sale.",
    key=("event_id",),
    sql="""
-- a prospect is told apart by name only while there is no account
WITH contacted AS (
    SELECT
        account_id,
        manager_id,
        CASE WHEN account_id IS NULL THEN prospect_id END AS prospect_id,
        occurred_at,
        touch_id,
        channel,
        deal_id,
        event_id
    FROM touches
    WHERE completed
        AND coalesce(direction, 'outbound') <> 'inbound'
        AND (account_id IS NOT NULL OR prospect_id IS NOT NULL)
),

-- what ends a pursuit: a deal of the account, or one that a touch with the prospect was about
wins AS (
    SELECT account_id, NULL AS prospect_id, closed_at, deal_id, closed_event
    FROM deals
    WHERE outcome = 'won' AND account_id IS NOT NULL
    UNION
    SELECT
        NULL AS account_id, contacted.prospect_id, deal.closed_at, deal.deal_id,
        deal.closed_event
    FROM contacted
    INNER JOIN deals AS deal
        ON deal.deal_id = contacted.deal_id
        AND deal.account_id IS NULL
    WHERE contacted.prospect_id IS NOT NULL AND deal.outcome = 'won'
),

steps AS (
    SELECT
        account_id, prospect_id, manager_id, occurred_at, 0 AS won, touch_id AS id,
        channel, event_id
    FROM contacted
    UNION ALL
    SELECT account_id, prospect_id, NULL, closed_at, 1, deal_id, NULL, closed_event
    FROM wins
),

-- a touch at the very moment of the closing still belongs to the deal that is won
told AS (
    SELECT
        *,
        sum(won) OVER (
            PARTITION BY account_id, prospect_id ORDER BY occurred_at, won, id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS won_before,
        lead(CASE WHEN won = 1 THEN event_id END) OVER (
            PARTITION BY account_id, prospect_id ORDER BY occurred_at, won, id
        ) AS won_event
    FROM steps
)

SELECT
    account_id,
    manager_id,
    prospect_id,
    occurred_at,
    channel,
    CAST(round(won_before) AS BIGINT) + 1 AS pursuit,
    row_number() OVER (
        PARTITION BY account_id, prospect_id, won_before ORDER BY occurred_at, id
    ) AS touch_number,
    won_event,
    event_id
FROM told
WHERE won = 0
""",
)

PROJECTIONS = (OUTREACH,)
