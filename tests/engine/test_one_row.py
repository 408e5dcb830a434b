"""Small tables kept in one row: the same rows, and the side of a join that is kept in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kamengine.engine import one_row
from kamengine.engine.session import Session
from kamengine.periods import Calendar

KEPT = "VALUES ('acme', 'kim', DATE '2026-01-01'), ('cube', NULL, DATE '2026-02-01')"


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(None, Calendar()) as session:
        yield session


def keep(session: Session, query: str) -> None:
    named = f"SELECT * FROM ({query}) AS rows (account_id, manager_id, since)"
    session.run(one_row.statement("kept", named, ("account_id", "since")))


def test_what_is_kept_comes_back(session: Session) -> None:
    """Every row comes back with the columns that were to be kept, and their types."""
    keep(session, KEPT)

    assert session.columns(f"FROM {one_row.rows('kept')}") == {
        "account_id": "VARCHAR",
        "since": "DATE",
    }
    assert session.rows("SELECT count(*) FROM kept") == [(1,)]
    assert session.rows(
        f"SELECT account_id, CAST(since AS VARCHAR) FROM {one_row.rows('kept')} ORDER BY 1"
    ) == [("acme", "2026-01-01"), ("cube", "2026-02-01")]


def test_of_nothing_nothing_comes_back(session: Session) -> None:
    """A query without rows is a relation without rows, and a LEFT JOIN to it finds nothing."""
    keep(session, f"SELECT * FROM ({KEPT}) WHERE FALSE")

    assert session.rows(
        "SELECT given.account_id, kept.since FROM (SELECT 'acme' AS account_id) AS given"
        f" LEFT JOIN {one_row.rows('kept')} AS kept USING (account_id)"
    ) == [("acme", None)]


def test_it_is_what_a_join_keeps_in_memory(session: Session) -> None:
    """However few rows DuckDB expects on the left, they are looked up in the one row's."""
    session.run("CREATE TABLE many AS SELECT 'account ' || i AS account_id FROM range(3000) t (i)")
    session.run(one_row.statement("kept", "SELECT * FROM many", ("account_id",)))
    few = "(SELECT account_id FROM many WHERE account_id LIKE '%7%' AND account_id LIKE '%8%')"

    assert join_of(session, f"SELECT * FROM {few} AS given LEFT JOIN many USING (account_id)") == (
        "RIGHT"
    )
    assert join_of(
        session,
        f"SELECT * FROM {few} AS given LEFT JOIN {one_row.rows('kept')} AS kept USING (account_id)",
    ) == ("LEFT")


def join_of(session: Session, query: str) -> str:
    """Return how DuckDB means to join: RIGHT where it has swapped the sides."""
    found = json.loads(session.rows(f"EXPLAIN (FORMAT json) {query}")[0][1])
    while found[0]["name"].strip() != "HASH_JOIN":
        found = found[0]["children"]
    join_type: str = found[0]["extra_info"]["Join Type"]
    return join_type
