"""Touches to closure: what it takes to win a deal."""

from __future__ import annotations

from kamengine.kpi import KPI, Mean

TOUCHES_TO_CLOSURE = KPI(
    id="touches_to_closure",
    version=1,
    title="Touches to closure",
    doc="""How many meetings, calls and e-mails a won deal took.

Inputs: deal.opened, deal.closed, touch.logged.

Shape: one row per won deal at the moment it was won; the numerator is the number of its touches,
and the row stands for the closing and for every touch counted. The value is the mean over deals.
`part` is the kind of deal.

Unit: touches per deal.

Empty and null rule: no deal won in the period leaves it undefined. A won deal without touches
counts as 0.

Decisions: a deal's touches are those that name it (deal_id), on the same account, completed, by
meeting, video, call or e-mail, from its opening to its closing, both moments included. Chats and
others don't count. Where the opening isn't known, all up to the closing count. A deal counts for
the manager who closed it, else for the one who opened it.

Source: seed 2: touches per closed-won deal, a touch being a video meeting, an e-mail or a call.

Example: one deal won after 4 e-mails, 2 calls and a meeting, one after 5 calls: 12/2 = 6.
""",
    family="revenue",
    timing="lagging",
    unit="touches/deal",
    better="lower",
    value=Mean(),
    numerator="completed meetings, calls and e-mails on deals won",
    denominator="deals won",
    source="seed 2",
    sql="""
WITH won AS (
    SELECT account_id, manager_id, deal_id, kind, opened_at, closed_at, closed_event
    FROM deals
    WHERE outcome = 'won'
),

counted AS (
    SELECT
        won.account_id,
        won.deal_id,
        count(*) AS touch_count,
        list_sort(list(touch.event_id)) AS touch_events
    FROM touches AS touch
    INNER JOIN won
        ON won.deal_id = touch.deal_id
        AND won.account_id IS NOT DISTINCT FROM touch.account_id
        AND (won.opened_at IS NULL OR won.opened_at <= touch.occurred_at)
        AND touch.occurred_at <= won.closed_at
    WHERE touch.completed
        AND touch.channel IN ('meeting', 'video', 'call', 'email')
    GROUP BY won.account_id, won.deal_id
)

SELECT
    won.account_id,
    won.manager_id,
    won.closed_at AS occurred_at,
    coalesce(counted.touch_count, 0) AS numerator,
    list_concat([won.closed_event], coalesce(counted.touch_events, [])) AS event_id,
    won.kind AS part
FROM won
LEFT JOIN counted
    ON counted.deal_id = won.deal_id
    AND counted.account_id IS NOT DISTINCT FROM won.account_id
""",
)
