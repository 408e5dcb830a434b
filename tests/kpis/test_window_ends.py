"""The last touch before each window's end, against a look at every touch for every end."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import duckdb
import pytest

from kam_relationship.window_ends import last_touches

SPRING_IN_LONDON = ("2025-03-01", "2025-03-30", "2025-03-30 23:00", "2025-03-31 23:00")
"""Ends at local midnights: on 30 March the day that UTC counts holds two of them."""

HELD = f"""
{last_touches("account_id", where="completed")}
answers AS (
    SELECT ends.t1, held.account_id, held.touched_at, held.event_id
    FROM ends
    INNER JOIN held
        ON held.place <= ends.place
        AND (held.next_place IS NULL OR ends.place < held.next_place)
)

SELECT * FROM answers ORDER BY ALL
"""

EACH = """
SELECT windows.t1, touches.account_id, touches.occurred_at, touches.event_id
FROM (SELECT DISTINCT t1 FROM windows) AS windows
INNER JOIN touches ON touches.occurred_at < windows.t1 AND touches.completed
QUALIFY row_number() OVER (
    PARTITION BY windows.t1, touches.account_id
    ORDER BY touches.occurred_at DESC, touches.touch_id DESC
) = 1
ORDER BY ALL
"""


def answers(ends: list[str], touches: list[tuple[dt.datetime, str, bool]]) -> list[list[Any]]:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE windows (period VARCHAR, t1 TIMESTAMP, end_date DATE)")
        connection.execute(
            "CREATE TABLE touches (event_id BIGINT, touch_id VARCHAR, occurred_at TIMESTAMP,"
            " account_id VARCHAR, completed BOOLEAN)"
        )
        for end in ends:
            connection.execute("INSERT INTO windows VALUES (?, ?, ?)", ["p", end, end[:10]])
        for place, (moment, account, completed) in enumerate(touches):
            row = [place, f"t{place}", moment, account, completed]
            connection.execute("INSERT INTO touches VALUES (?, ?, ?, ?, ?)", row)
        return [connection.execute(query).fetchall() for query in (HELD, EACH)]


@pytest.mark.parametrize("seed", range(5))
def test_whatever_the_ends_and_the_touches(seed: int) -> None:
    """Touches by the hour, at the very ends, two at one instant, before and after all ends."""
    chance = random.Random(seed)
    start = dt.datetime.fromisoformat("2025-02-20")
    touches = [
        (start + dt.timedelta(hours=chance.randrange(24 * 50)), chance.choice("ab"), True)
        for _ in range(60)
    ]
    touches += [(dt.datetime.fromisoformat(end), "a", True) for end in SPRING_IN_LONDON]
    touches += [(moment, "b", chance.random() < 0.5) for moment, _, _ in touches[:9]]
    found, expected = answers([*SPRING_IN_LONDON, SPRING_IN_LONDON[0]], touches)
    assert expected
    assert found == expected


def test_two_midnights_within_a_day() -> None:
    """Touches around the two local midnights of one day each come before the end that is theirs."""
    moments = ("2025-03-29 23:59", "2025-03-30 00:00", "2025-03-30 22:59", "2025-03-30 23:00")
    touches = [(dt.datetime.fromisoformat(moment), "a", True) for moment in moments]
    found, _ = answers(list(SPRING_IN_LONDON), touches)
    assert [(str(row[0]), row[3]) for row in found] == [
        ("2025-03-30 00:00:00", 0),
        ("2025-03-30 23:00:00", 2),
        ("2025-03-31 23:00:00", 3),
    ]
