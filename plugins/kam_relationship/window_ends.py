"""The last touch before each window's end: what every KPI of silence asks for.

Both functions return CTEs that end in ``held``. Of ``ends`` they have the windows' ends (``t1``,
``end_date``), numbered in ``place``. A row of ``held`` has the last touch between two ends, its
``touched_at`` and ``event_id``. It holds at the end of its ``place`` and all later ones before
``next_place``, which is NULL where no other touch comes. What comes after all ends has no place.

To find its end each touch looks up the day on which it occurred, which is many times cheaper than
to compare it with ends.
"""

from __future__ import annotations

ENDS = """
ends AS (
    SELECT
        t1,
        min(end_date) AS end_date,
        row_number() OVER (ORDER BY t1) AS place,
        lag(t1) OVER (ORDER BY t1) AS t1_before,
        lead(t1) OVER (ORDER BY t1) AS t1_after
    FROM windows
    GROUP BY t1
),

days AS (
    SELECT DISTINCT CAST(occurred_at AS DATE) AS day
    FROM touches
),

-- the first end after a day's first instant
day_ends AS (
    SELECT days.day, ends.place, ends.t1, ends.t1_after
    FROM days
    INNER JOIN ends
        ON days.day < ends.t1
        AND (ends.t1_before IS NULL OR days.day >= ends.t1_before)
),
"""


def accounts_touched(where: str) -> str:
    """Return CTEs that end in ``held``: when accounts were touched last, by ``account_id``.

    Args:
        where: Which touches count.
    """
    return f"""
WITH {ENDS}
touched AS (
    SELECT account_id, occurred_at, touch_id, event_id
    FROM touches
    WHERE {where}
),
{_placed("account_id")}
{_held("account_id", "placed")}
"""


def contacts_touched(where: str, among: str = "TRUE") -> str:
    """Return CTEs that end in ``held``: when contacts were touched last, by ``person``.

    That is a number, by which rows are grouped, sorted and joined in half the time that the names
    of an account and a contact take. ``filed`` has it, beside all that ``contacts`` has and the
    moment from which a contact is known.

    Contacts are taken from ``touches``: ``touch_contacts`` would look up roles as well, and is a
    large table to derive where nothing else asks for it.

    Args:
        where: Which touches count.
        among: Who counts: a condition that holds for a contact at one time or another.
    """
    return f"""
WITH {ENDS}
filed AS (
    SELECT
        *,
        dense_rank() OVER (ORDER BY account_id, contact_id) AS person,
        min(valid_from) OVER (PARTITION BY account_id, contact_id) AS known_at
    FROM contacts
),

people AS (
    SELECT DISTINCT account_id, contact_id, person
    FROM filed
    WHERE {among}
),

-- whom a touch names twice is there twice, with one and the same touch. DuckDB takes each
-- condition of a filter to leave a fifth: with coalesce it is one, and joins begin with people
touched AS (
    SELECT account_id, unnest(contact_ids) AS contact_id, occurred_at, touch_id, event_id
    FROM touches
    WHERE coalesce({where}, FALSE)
),
{_placed("account_id, contact_id")}
attended AS (
    SELECT people.person, placed.occurred_at, placed.touch_id, placed.event_id, placed.place
    FROM placed
    INNER JOIN people
        ON people.account_id = placed.account_id
        AND people.contact_id = placed.contact_id
),
{_held("person", "attended")}
"""


def _placed(who: str) -> str:
    return f"""
-- windows end at a local midnight, of which 24 hours hold two at most. An outer join, since DuckDB
-- takes an inner one to leave next to nothing, and what follows to be small
placed AS (
    SELECT
        {", ".join(f"touched.{column}" for column in who.split(", "))},
        touched.occurred_at,
        touched.touch_id,
        touched.event_id,
        CASE
            WHEN touched.occurred_at < day_ends.t1 THEN day_ends.place
            WHEN touched.occurred_at < day_ends.t1_after THEN day_ends.place + 1
            ELSE day_ends.place + 2
        END AS place
    FROM touched
    LEFT JOIN day_ends ON day_ends.day = CAST(touched.occurred_at AS DATE)
),
"""


def _held(who: str, relation: str) -> str:
    return f"""
last_touches AS (
    SELECT
        {who},
        place,
        max(occurred_at) AS touched_at,
        arg_max(event_id, (occurred_at, touch_id)) AS event_id
    FROM {relation}
    GROUP BY {who}, place
),

held AS (
    SELECT
        *,
        lead(place) OVER (PARTITION BY {who} ORDER BY place) AS next_place
    FROM last_touches
),
"""
