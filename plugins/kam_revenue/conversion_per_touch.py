"""Conversion per touch: which touch wins the deal, and which one is one too many?"""

from __future__ import annotations

from kamengine.kpi import KPI, Ratio

CONVERSION_PER_TOUCH = KPI(
    id="conversion_per_touch",
    version=1,
    title="Conversion per touch",
    doc="""Of the touches spent on deals decided in the period, how many were the one that won one.

Inputs: deal.opened, deal.closed, touch.logged.

Shape: one row per touch on a deal that was won or lost, at the moment of that; the numerator is 1
for the last touch of a deal won, else 0, over 1. `item` is the number of the touch on its deal,
from 1, and `part` its channel. The value is the ratio of the sums; that of one touch number is the
share of the deals which got that far and were won then, without another touch.

Unit: %, as a ratio (0.25 for 25 %).

Empty and null rule: no touch on a deal decided in the period leaves it undefined. A deal decided
without a touch has no row.

Decisions: a deal's touches are those of `touches_to_closure`: they name it (deal_id), on the same
account, completed, by meeting, video, call or e-mail, from its opening to its closing, both
moments included; where the opening isn't known, all up to the closing. They are numbered in the
order in which they happened. A touch counts when its deal was decided, and for the manager who
closed the deal, else for the one who opened it: what a touch was worth isn't known before.

Source: seed 2 asks for the number of touches beyond which conversion falls (practice rule P43),
and prefers few; the formula is ours. `kamengine kpis saturation` reads it.

Example: a deal won after 3 touches, one lost after 2: 1 of 5; of the two second touches none won.
""",
    family="revenue",
    timing="lagging",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="deals won with that touch",
    denominator="meetings, calls and e-mails on deals won or lost",
    source="seed 2; formula ours",
    sql="""
WITH decided AS (
    SELECT account_id, manager_id, deal_id, outcome, opened_at, closed_at
    FROM deals
    WHERE outcome IS NOT NULL
),

numbered AS (
    SELECT
        decided.account_id,
        decided.manager_id,
        decided.outcome,
        decided.closed_at,
        touch.channel,
        touch.event_id,
        row_number() OVER (
            PARTITION BY decided.account_id, decided.deal_id
            ORDER BY touch.occurred_at, touch.touch_id
        ) AS touch_number,
        count(*) OVER (PARTITION BY decided.account_id, decided.deal_id) AS touch_count
    FROM touches AS touch
    INNER JOIN decided
        ON decided.deal_id = touch.deal_id
        AND decided.account_id IS NOT DISTINCT FROM touch.account_id
        AND (decided.opened_at IS NULL OR decided.opened_at <= touch.occurred_at)
        AND touch.occurred_at <= decided.closed_at
    WHERE touch.completed
        AND touch.channel IN ('meeting', 'video', 'call', 'email')
)

SELECT
    account_id,
    manager_id,
    closed_at AS occurred_at,
    CASE WHEN outcome = 'won' AND touch_number = touch_count THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    event_id,
    channel AS part,
    CAST(touch_number AS VARCHAR) AS item
FROM numbered
""",
)
