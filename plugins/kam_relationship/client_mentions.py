"""Client mentions: what key accounts say of us in public."""

from __future__ import annotations

from kamengine.kpi import KPI, Ratio

CLIENT_MENTION_SENTIMENT = KPI(
    id="client_mention_sentiment",
    version=1,
    title="Sentiment of client mentions",
    doc="""How much more good than bad our customers say of us in public.

Inputs: mention.captured, by way of mentions.

Shape: one row per mention: 100 where it is positive, -100 where it is negative, 0 where it is
neutral, over 1. The value is the ratio of the sums. `part` is the channel.

Unit: points from -100 to 100.

Empty and null rule: no mention in the period leaves it undefined.

Decisions: a mention that is captured again counts once, with the sentiment and at the moment stated
last. Every mention has a class, so all of them are below the line. It counts for the owner of the
account at that moment.

Source: seeds 0 and 2 name it (social listening); net sentiment is the field's standard.

Example: five positive, three neutral and two negative mentions: 100 · (5 - 2) / 10 = 30.
""",
    family="relationship",
    timing="leading",
    unit="points",
    better="higher",
    value=Ratio(),
    controllable_by=(),
    numerator="100 times (positive minus negative mentions)",
    denominator="mentions",
    source="seeds 0 and 2; field standard",
    sql="""
SELECT
    account_id,
    occurred_at,
    CASE sentiment WHEN 'positive' THEN 100 WHEN 'negative' THEN -100 ELSE 0 END AS numerator,
    1 AS denominator,
    event_id,
    channel AS part
FROM mentions
""",
)
