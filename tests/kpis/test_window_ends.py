"""The last touch before each window's end, against a look at every touch for every end."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any

import duckdb
import pytest

from kam_relationship.window_ends import accounts_touched, contacts_touched

SPRING_IN_LONDON = ("2025-03-01", "2025-03-30", "2025-03-30 23:00", "2025-03-31 23:00")
"""Ends at local midnights: on 30 March the day that UTC counts holds two of them."""

HELD = f"""
{accounts_touched("completed")}
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

HELD_BY_CONTACTS = f"""
{contacts_touched("completed", among="role = 'champion'")}
answers AS (
    SELECT ends.t1, people.account_id, people.contact_id, held.touched_at, held.event_id
    FROM ends
    INNER JOIN held
        ON held.place <= ends.place
        AND (held.next_place IS NULL OR ends.place < held.next_place)
    INNER JOIN people USING (person)
)

SELECT * FROM answers ORDER BY ALL
"""

EACH_CONTACT = """
SELECT DISTINCT windows.t1, account_id, contact_id, occurred_at, event_id
FROM (SELECT DISTINCT t1 FROM windows) AS windows
INNER JOIN (SELECT *, unnest(contact_ids) AS contact_id FROM touches WHERE completed)
    ON occurred_at < windows.t1
WHERE (account_id, contact_id) IN (
    SELECT (account_id, contact_id) FROM contacts WHERE role = 'champion'
)
QUALIFY rank() OVER (
    PARTITION BY windows.t1, account_id, contact_id ORDER BY occurred_at DESC, touch_id DESC
) = 1
ORDER BY ALL
"""

CONTACTS = """
CREATE TABLE contacts AS
FROM (VALUES
    ('a', 'ada', 'user', TIMESTAMP '2025-01-01'), ('a', 'ada', 'champion', TIMESTAMP '2025-04-01'),
    ('a', 'ben', 'champion', TIMESTAMP '2025-01-01'), ('a', 'cem', 'user', TIMESTAMP '2025-01-01'),
    ('b', 'ada', 'champion', TIMESTAMP '2025-01-01')
) AS contacts (account_id, contact_id, role, valid_from)
"""
"""Ada of a is a champion once; Cem is none, and Ben is unknown at b."""

Touch = tuple[dt.datetime, str | None, bool]


def answers(
    ends: list[str], touches: Sequence[Touch], queries: tuple[str, str] = (HELD, EACH)
) -> list[list[Any]]:
    """Return what two queries make of touches: the first is t000, the others t037, t074, t010."""
    with duckdb.connect() as connection:
        connection.execute(CONTACTS)
        connection.execute("CREATE TABLE windows (period VARCHAR, t1 TIMESTAMP, end_date DATE)")
        connection.execute(
            "CREATE TABLE touches (event_id BIGINT, touch_id VARCHAR, occurred_at TIMESTAMP,"
            " account_id VARCHAR, completed BOOLEAN, contact_ids VARCHAR[])"
        )
        for end in ends:
            connection.execute("INSERT INTO windows VALUES (?, ?, ?)", ["p", end, end[:10]])
        for place, (moment, account, completed) in enumerate(touches):
            row = [
                place,
                f"t{place * 37 % 101:03}",
                moment,
                account,
                completed,
                WHOM[place % len(WHOM)],
            ]
            connection.execute("INSERT INTO touches VALUES (?, ?, ?, ?, ?, ?)", row)
        return [connection.execute(query).fetchall() for query in queries]


WHOM: tuple[list[str], ...] = (["ada"], ["ben", "ada"], [], ["cem", "ada"], ["ben", "ada", "ben"])
"""Whom touches name, one after another."""


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
    found, expected = answers(
        [*SPRING_IN_LONDON, SPRING_IN_LONDON[0]],
        [*touches, (start, None, True)],
        (HELD_BY_CONTACTS, EACH_CONTACT),
    )
    assert {row[1:3] for row in found} == {("a", "ada"), ("a", "ben"), ("b", "ada")}
    assert found == expected


def test_of_two_touches_at_one_instant_the_greater_id_stands() -> None:
    """Whichever comes first in the log, for an account as for a contact."""
    noon = dt.datetime.fromisoformat("2025-02-28 12:00")
    touches = [(noon, "a", True)] * 5 + [(noon, "a", False)]
    # t000, t037, t074, t010, t047, and t084 that wasn't completed; t074 is with nobody
    found, _ = answers(["2025-03-01"], touches)
    assert [row[1:] for row in found] == [("a", noon, 2)]
    found, _ = answers(["2025-03-01"], touches, (HELD_BY_CONTACTS, EACH_CONTACT))
    assert [row[1:] for row in found] == [("a", "ada", noon, 4), ("a", "ben", noon, 4)]


def test_what_comes_after_all_ends_says_nothing_of_them() -> None:
    """It ends no earlier touch's hold either."""
    moments = ("2025-02-28", "2025-03-01", "2025-03-15", "2025-04-15")
    touches = [(dt.datetime.fromisoformat(moment), "a", True) for moment in moments]
    for queries in ((HELD, EACH), (HELD_BY_CONTACTS, EACH_CONTACT)):
        found, _ = answers(["2025-03-01"], touches, queries)
        assert [row[-1] for row in found] == [0]


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
