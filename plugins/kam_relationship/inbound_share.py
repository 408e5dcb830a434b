"""Client-initiated contact share: do they come to us, or only we to them?"""

from __future__ import annotations

from kamengine.kpi import KPI, Ratio

INBOUND_INTERACTION_SHARE = KPI(
    id="inbound_interaction_share",
    version=1,
    title="Client-initiated contact share",
    doc="""How often it is the client who begins: the trusted advisor is the one who gets called.

Inputs: touch.logged.

Shape: one row per completed touch with an account that begins an exchange: the first completed
touch of its thread, or one that belongs to no thread. Numerator 1 where it is inbound, else 0;
the value is the ratio of the sums. `part` is the channel.

Unit: %, as a ratio (0.25 for 25 %).

Empty and null rule: no first message in the period leaves the share undefined. A touch whose
direction nobody stated counts on neither side, and nor does the thread that it begins.

Decisions: a thread counts when it began; what follows in it, in whatever window, doesn't count
again. A touch counts for the manager who logged it. Touches with prospects have no account and
stay out: a prospect isn't a client yet.

Source: seeds 0 and 2 name it; the formula is ours, with first messages only so that a long thread
doesn't outweigh many short ones.

Example: a thread begun by the client with four replies, and three calls made by us: 1/4.
""",
    family="relationship",
    timing="leading",
    unit="%",
    better="higher",
    value=Ratio(),
    numerator="exchanges begun by the client",
    denominator="exchanges begun by either side",
    source="seeds 0 and 2",
    sql="""
SELECT
    touch.account_id,
    touch.manager_id,
    touch.occurred_at,
    CASE WHEN touch.direction = 'inbound' THEN 1 ELSE 0 END AS numerator,
    1 AS denominator,
    touch.event_id,
    touch.channel AS part
FROM touches AS touch
LEFT JOIN thread_starts AS start USING (event_id)
WHERE touch.completed
    AND touch.account_id IS NOT NULL
    AND touch.direction IS NOT NULL
    AND (touch.thread_id IS NULL OR start.event_id IS NOT NULL)
""",
)
