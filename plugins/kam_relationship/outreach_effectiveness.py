"""Outreach effectiveness: do people answer when we write to them?"""

from __future__ import annotations

from kamengine.kpi import KPI, Params, Ratio

MOST_DAYS = 3_650


class Patience(Params, frozen=True):
    """How long an answer may take.

    Attributes:
        days: Days of 24 hours from the message on, the last instant included.
    """

    days: int = 14

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MOST_DAYS:
            raise ValueError(f"`days` is {self.days}; it must lie between 1 and {MOST_DAYS}")


OUTREACH_EFFECTIVENESS = KPI(
    id="outreach_effectiveness",
    version=1,
    title="Outreach effectiveness",
    doc="""How often we get an answer when it is we who begin to write.

Inputs: touch.logged, by way of touches and thread_starts.

Shape: one row per completed outbound message (email, chat or other) that begins a thread or belongs
to none, at the moment it was sent, from the moment at which its 14 days are over; numerator 1 where
it was answered within them, else 0. The value is the ratio of the sums. `part` is the channel.

Unit: %, as a ratio (0.3 for 30 %).

Empty and null rule: no ripe message in the period leaves it undefined. A message whose direction
nobody stated stays out.

Decisions: a message is ripe 14 days of 24 hours after it was sent; until then it counts on neither
side, answered or not, since to count the quick answers at once would flatter the rate. It is
answered by replied_at, or by the first inbound touch of its thread; at that very moment is in time.
A call or a meeting that took place has had its answer, and isn't outreach that could lack one. What
follows in a thread doesn't count, nor does a thread that the client began. A message counts for the
manager who sent it; one to a prospect has no account and counts for manager and organisation.

Source: seed 1 (FAQ) names it; the formula is ours.

Example: of ten emails that began a thread in May three were answered within 14 days and one after
20: 3/10.
""",
    family="relationship",
    timing="leading",
    unit="%",
    better="higher",
    value=Ratio(),
    params=Patience(),
    numerator="ripe outbound first messages answered in time",
    denominator="ripe outbound first messages",
    source="seed 1",
    sql="""
-- of a thread that we began, whatever comes in is an answer; prospects have no account
WITH answers AS (
    SELECT
        coalesce(account_id, '') AS whose,
        thread_id,
        min(occurred_at) AS answered_at,
        min_by(event_id, (occurred_at, touch_id)) AS event_id
    FROM touches
    WHERE completed AND direction = 'inbound' AND thread_id IS NOT NULL
    GROUP BY coalesce(account_id, ''), thread_id
),

sent AS (
    SELECT
        touch.account_id,
        touch.manager_id,
        touch.occurred_at,
        touch.occurred_at + $days * INTERVAL 1 DAY AS ripe_at,
        touch.replied_at,
        answer.answered_at,
        touch.channel,
        touch.event_id,
        answer.event_id AS answer_event
    FROM touches AS touch
    LEFT JOIN thread_starts AS start
        ON start.event_id = touch.event_id
    LEFT JOIN answers AS answer
        ON answer.whose = coalesce(touch.account_id, '')
        AND answer.thread_id = touch.thread_id
    WHERE touch.completed
        AND touch.direction = 'outbound'
        AND touch.channel IN ('email', 'chat', 'other')
        AND (touch.thread_id IS NULL OR start.event_id IS NOT NULL)
)

SELECT
    account_id,
    manager_id,
    occurred_at,
    ripe_at,
    CASE WHEN replied_at <= ripe_at OR answered_at <= ripe_at THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    CASE WHEN answer_event IS NULL THEN [event_id] ELSE [event_id, answer_event] END AS event_id,
    channel AS part
FROM sent
""",
)
