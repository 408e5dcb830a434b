"""The last touch before each window's end: what every KPI of silence asks for."""

from __future__ import annotations


def last_touches(*who: str, where: str, among: str = "TRUE") -> str:
    """Return CTEs that end in ``held``: who was touched last, and when, at each window's end.

    ``ends`` has the windows' ends (``t1``, ``end_date``), numbered in ``place``. A row of ``held``
    has the last touch between two ends, its ``touched_at`` and ``event_id``. It holds at the end
    of its ``place`` and all later ones before ``next_place``, which is NULL where no other touch
    comes.

    To find its end each touch looks up the day on which it occurred, which is many times cheaper
    than to compare it with ends. Contacts are unnested from touches here: ``touch_contacts`` would
    look up their roles, and is a large table to derive where nothing else asks for it.

    Args:
        who: The columns that say who was touched: of ``touches``, or ``contact_id`` for each of
            those who took part.
        where: Which touches count.
        among: Who counts.
    """
    columns = ", ".join(who)
    touched_columns = ",\n        ".join(f"touched.{column}" for column in who)
    named = ", ".join(
        "unnest(contact_ids) AS contact_id" if column == "contact_id" else column for column in who
    )
    return f"""
WITH ends AS (
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

-- a contact whom a touch names twice is there twice, with one and the same touch
touched AS (
    SELECT {named}, occurred_at, touch_id, event_id
    FROM touches
    WHERE {where}
),

-- windows end at a local midnight, of which 24 hours hold two at most
placed AS (
    SELECT
        {touched_columns},
        touched.occurred_at,
        touched.touch_id,
        touched.event_id,
        CASE
            WHEN touched.occurred_at < day_ends.t1 THEN day_ends.place
            WHEN touched.occurred_at < day_ends.t1_after THEN day_ends.place + 1
            ELSE day_ends.place + 2
        END AS place
    FROM touched
    INNER JOIN day_ends ON day_ends.day = CAST(touched.occurred_at AS DATE)
),

last_touches AS (
    SELECT
        {columns},
        place,
        max(occurred_at) AS touched_at,
        arg_max(event_id, (occurred_at, touch_id)) AS event_id
    FROM placed
    GROUP BY {columns}, place
),

held AS (
    SELECT
        *,
        lead(place) OVER (PARTITION BY {columns} ORDER BY place) AS next_place
    FROM last_touches
    WHERE {among}
),
"""
