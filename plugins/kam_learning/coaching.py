"""How much time goes into coaching our managers."""

from __future__ import annotations

from kamengine import KPI, Sum

MINUTES_PER_HOUR = 60

COACHING_HOURS = KPI(
    id="coaching_hours",
    version=1,
    title="Coaching hours",
    doc="""
    How many hours a manager was coached or mentored, one to one.

    Inputs: `coaching.held`.

    Shape: one row per session of coaching, its minutes at the moment it was held. They are added up
    over 60. `part` is the coach. A roll-up adds up the hours of its managers.

    Unit: hours.

    Empty and null rule: without a session it is a true zero.

    Decisions: it is a number of each manager; a team's is the sum, not the mean, of its managers'
    hours. A session counts for the manager who was coached, and for the team that the manager was
    in then. It belongs to no account.

    Source: seed 1 names it; the formula is the field's standard.

    Example: sessions of 60, 45 and 30 minutes in May: 135/60 = 2.25 hours.
    """,
    family="learning",
    timing="leading",
    kind="activity",
    unit="hours",
    better="higher",
    value=Sum(per=MINUTES_PER_HOUR),
    empty="zero",
    sql="""
SELECT
    manager_id,
    occurred_at,
    minutes AS numerator,
    coach_id AS part,
    event_id
FROM coaching_held
""",
    source="seed 1; field standard",
    numerator="minutes of one-to-one coaching",
    denominator="60 minutes an hour",
)
