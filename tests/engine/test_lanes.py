"""Jobs side by side: each has its own outcome, and none outlives the block."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import pytest

from kamengine.engine.connection import Connection, LimitError
from kamengine.engine.lanes import Lanes, running
from kamengine.engine.session import SHARED, Session
from kamengine.errors import ReplayError
from kamengine.periods import Calendar
from kamengine.replay.graph import Node
from kamengine.replay.staleness import Staleness
from kamengine.replay.state import Mark
from kamengine.settings import Limits

ENDLESS = "SELECT count(*) FROM range(1000000000000) AS a(i) WHERE hash(i) = 1"

BRIEF = "SELECT count(*) FROM range(3000000) AS a(i) WHERE hash(i) = 1"


@pytest.fixture
def session() -> Iterator[Session]:
    with Session(None, Calendar()) as session:
        session.run(f"CREATE TABLE {SHARED}.numbers AS SELECT unnest(range(100)) AS i")
        yield session


def adding(number: int) -> tuple[str, ...]:
    """Return statements that add numbers up in a table of their own."""
    return (
        f"CREATE OR REPLACE TABLE {SHARED}.sum{number} (total HUGEINT)",
        f"INSERT INTO {SHARED}.sum{number} SELECT sum(i) + {number} FROM numbers",
    )


def test_every_job_is_done_in_the_order_given(session: Session) -> None:
    """Twenty jobs, more than are in flight at a time, add 0 to 99 up: 4950, and their number."""
    with Lanes(session, {number: running(*adding(number)) for number in range(20)}) as lanes:
        done = []
        for number, outcome in lanes:
            outcome()
            done.append(number)
    assert done == list(range(20))
    assert [session.value(f"FROM sum{n}") for n in range(20)] == [4950 + n for n in range(20)]


def test_a_job_that_fails_costs_only_itself(session: Session) -> None:
    """Its outcome raises what it failed of; the others' don't."""
    jobs = {
        "good": running(*adding(1)),
        "bad": running("FROM nowhere"),
        "better": running(*adding(2)),
    }
    failed = []
    with Lanes(session, jobs) as lanes:
        for name, outcome in lanes:
            try:
                outcome()
            except ReplayError as error:
                failed.append((name, "nowhere" in error.what))
    assert failed == [("bad", True)]
    assert session.rows("FROM sum1 UNION ALL FROM sum2 ORDER BY ALL") == [(4951,), (4952,)]


def test_one_job_runs_on_the_session_itself(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing that it could run beside, so no other connection is opened."""
    monkeypatch.setattr(Session, "beside", None)
    with Lanes(session, {"only": running(*adding(5))}) as lanes:
        for _, outcome in lanes:
            outcome()
    assert session.value("FROM sum5") == 4955


def test_statements_look_where_they_are_told(session: Session) -> None:
    """A view of the schema that is looked at goes before a table that all share."""
    session.run("CREATE VIEW memory.whole.numbers AS SELECT 7 AS i")
    with Lanes(session, {number: running(*adding(number)) for number in (1, 2)}, "whole") as lanes:
        for _, outcome in lanes:
            outcome()
    assert session.rows("FROM sum1 UNION ALL FROM sum2 ORDER BY ALL") == [(8,), (9,)]


def test_who_takes_too_much_beside_others_is_tried_alone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that ran out of memory in a lane is done all the same, once, when it is alone."""
    run = Connection.run
    alone: list[str] = []

    def short_of_memory(connection: Connection, statement: str) -> None:
        if "sum2" in statement and connection is not session:
            raise LimitError("It needs more memory than it may have", "memory")
        if connection is session:
            alone.append(statement)
        run(connection, statement)

    monkeypatch.setattr(Connection, "run", short_of_memory)
    with Lanes(session, {number: running(*adding(number)) for number in (1, 2, 3)}) as lanes:
        for _, outcome in lanes:
            outcome()
    assert tuple(alone) == adding(2)
    assert [session.value(f"FROM sum{n}") for n in (1, 2, 3)] == [4951, 4952, 4953]


def test_what_takes_too_much_alone_as_well_fails(session: Session) -> None:
    """An endless query is stopped in its lane, and again when it is alone."""
    session.bound(Limits(seconds=0.3))
    with Lanes(session, {"endless": running(ENDLESS), "sum": running(*adding(1))}) as lanes:
        outcomes = iter(lanes)
        _, outcome = next(outcomes)
        with pytest.raises(LimitError), session.limited():
            outcome()
        _, outcome = next(outcomes)
        outcome()
    assert session.value("FROM sum1") == 4951


def test_who_is_tried_alone_has_all_the_time_that_it_may_take(session: Session) -> None:
    """What it took in vain beside others, and waiting for that, doesn't count."""
    session.bound(Limits(seconds=1))

    def crowded_out(connection: Connection) -> None:
        if connection is not session:
            connection.run(ENDLESS)
        until = time.monotonic() + 0.6
        while time.monotonic() < until:
            connection.run(BRIEF)

    stale = Staleness(Mark(), {}, limited=session.limited)
    node = Node(layer="kpi", name="crowded_out", text="", reads=(), own="", fingerprint="")
    with Lanes(session, {1: crowded_out, 2: crowded_out}) as lanes:
        for _, outcome in lanes:
            stale.heed(node, outcome)
    assert stale.parked == {}


def test_leaving_stops_what_is_under_way(session: Session) -> None:
    """Whoever breaks off waits for nothing, and can use the session on."""
    endless, began = dict.fromkeys(range(20), running(ENDLESS)), time.monotonic()
    with contextlib.suppress(KeyboardInterrupt), Lanes(session, endless) as lanes:
        for _ in lanes:
            raise KeyboardInterrupt
    assert time.monotonic() - began < 20
    assert session.value("SELECT count(*) FROM numbers") == 100


def test_settled_lanes_leave_the_database_alone(session: Session) -> None:
    """After it, all jobs in flight are done: there are their tables, and none comes by itself."""
    with Lanes(session, {number: running(*adding(number)) for number in range(12)}) as lanes:
        outcomes = iter(lanes)
        next(outcomes)
        lanes.settle()
        tables = "SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'sum%'"
        assert session.value(tables) == 8
        for _, outcome in outcomes:
            outcome()
    assert session.value(tables) == 12
