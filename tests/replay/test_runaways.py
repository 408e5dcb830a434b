"""A definition that runs away is stopped and parked, and costs nobody else anything."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kamengine.engine.connection import LimitError
from kamengine.engine.session import Session
from kamengine.engine.stopwatch import Stopwatch
from kamengine.errors import ReplayError
from kamengine.kpi import KPI, Sum
from kamengine.log.contract import NewEvent
from kamengine.periods import Calendar
from kamengine.projection import Projection
from kamengine.settings import Limits, Settings
from tests.bakery import EVENT_TYPES, FEW, PROJECTIONS, Pack, Shop, edited, event, kpi, registry_of

TIGHT = Settings(as_of="2026-12-31", limits=Limits(seconds=0.4))
SMALL = Settings(as_of="2026-12-31", limits=Limits(memory="100MB", spill="100MB"))

ENDLESS = """
WITH RECURSIVE numbers AS (
    SELECT CAST(1 AS BIGINT) AS n
    UNION ALL
    SELECT n % 1000 + 1 FROM numbers
)

SELECT account_id, occurred_at, 1 AS numerator, event_id
FROM orders
WHERE (SELECT max(n) FROM numbers) > 0
"""

HUGE = """
WITH RECURSIVE numbers AS (
    SELECT CAST(1 AS BIGINT) AS n
    UNION ALL
    SELECT n + 1 FROM numbers WHERE n < 10000
),

all_at_once AS (
    SELECT list_sort(list(one.n * other.n)) AS held
    FROM numbers AS one
    CROSS JOIN numbers AS other
)

SELECT account_id, occurred_at, len(held) AS numerator, event_id
FROM orders
CROSS JOIN all_at_once
"""

WHY = "it is broken on purpose"


def runaway(kpi_id: str, sql: str) -> KPI:
    return kpi(kpi_id, Sum(), sql, duckdb_only=WHY)


def orders(*amounts: int) -> list[NewEvent]:
    return [
        event(f"o{i}", "order.placed", f"2026-05-{i:02}", "ann", order=str(i), amount=amount)
        for i, amount in enumerate(amounts, 1)
    ]


@pytest.fixture
def session() -> Session:
    found = Session(None, Calendar())
    found.bound(Limits(seconds=0.2, memory="100MB"))
    return found


ENDLESS_ALONE = (
    "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i % 9 + 1 FROM n) SELECT max(i) FROM n"
)


def test_a_query_is_stopped_when_its_time_is_over(session: Session) -> None:
    """It says which setting decides; the session is as fit as before."""
    started = time.monotonic()
    with (
        pytest.raises(LimitError, match=r"stopped after 0\.2 s.*`limits: seconds`"),
        session.limited(),
    ):
        session.run(ENDLESS_ALONE)
    assert 0.2 <= time.monotonic() - started < 5
    assert session.value("SELECT 6 * 7") == 42


def test_the_second_of_two_queries_is_stopped_too(session: Session) -> None:
    """The time is that of the block, wherever it is spent."""
    with session.limited():
        time.sleep(0.5)
        with pytest.raises(ReplayError, match="INTERRUPT"):
            session.run(ENDLESS_ALONE)


def test_who_is_in_time_is_not_stopped_later(session: Session) -> None:
    """Time stops counting where the block ends."""
    with session.limited():
        session.run("SELECT 1")
    time.sleep(0.3)
    started = time.monotonic()
    session.run("SELECT sum(a.range % 7) FROM range(3000) AS a, range(30000) AS b")
    assert time.monotonic() > started


def test_a_failure_of_another_kind_is_told_as_it_is(session: Session) -> None:
    """Only what was stopped is said to be stopped."""
    with pytest.raises(ReplayError, match="nothing_here") as caught, session.limited():
        session.run("SELECT * FROM nothing_here")
    assert not isinstance(caught.value, LimitError)


def test_a_query_that_needs_too_much_memory_is_stopped(session: Session) -> None:
    """With the setting that decides, and the session as fit as before."""
    session.run("SET temp_directory = ''")
    with pytest.raises(LimitError, match=r"needs more memory than it may have.*`limits: memory`"):
        session.run("SELECT len(list(range)) FROM range(100000000)")
    assert session.value("SELECT 6 * 7") == 42


class Interrupted:
    """A connection that meets with Ctrl-C, or with something else."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def execute(self, _: str) -> None:
        raise self.error


def test_ctrl_c_in_a_query_is_ctrl_c(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends the run and parks nothing; what isn't Ctrl-C is told as it is."""
    monkeypatch.setattr(session, "_connection", Interrupted(RuntimeError("Query interrupted")))
    with pytest.raises(KeyboardInterrupt):
        session.run("SELECT 1")
    monkeypatch.setattr(session, "_connection", Interrupted(RuntimeError("something else")))
    with pytest.raises(RuntimeError, match="something else"):
        session.run("SELECT 1")


def test_a_session_without_limits_has_none() -> None:
    """As in benchmarks and tools that answer for their own queries."""
    with Session(None, Calendar()) as session, session.limited():
        assert session.value("SELECT 6 * 7") == 42


def test_a_stopwatch_stops_until_it_is_heard() -> None:
    """A call between two queries reaches none, so there is another."""
    calls: list[float] = []
    with Stopwatch(0.01, lambda: calls.append(time.monotonic())) as watch:
        before = watch.ran_out
        time.sleep(0.5)
        assert (before, watch.ran_out) == (False, True)
    heard = len(calls)
    assert heard >= 2
    time.sleep(0.3)
    assert len(calls) == heard


@pytest.mark.parametrize(
    ("sql", "settings", "words"),
    [
        (ENDLESS, TIGHT, "It was stopped after 0.4 s"),
        (HUGE, SMALL, "It needs more memory than it may have"),
    ],
    ids=["endless", "huge"],
)
def test_a_kpi_that_runs_away_is_parked_and_the_rest_goes_on(
    shop: Shop, sql: str, settings: Settings, words: str
) -> None:
    """Other values are what they would be without it; mended, it has its own."""
    few = Pack(kpis=FEW)
    shop.settings = settings
    shop.registry = registry_of(few, Pack((), (), [runaway("runaway", sql)]))
    done = shop.deliver(*orders(24, 36))
    assert set(done.parked) == {"runaway"}
    assert words in done.parked["runaway"]
    assert "\n" not in done.parked["runaway"]
    found = shop.rows()
    assert ("turnover", "account", "ann", "2026") in {row[:4] for row in found}

    shop.registry = registry_of(few)
    shop.replay(full=True)
    assert shop.rows() == found

    mended = kpi("runaway", Sum(), FEW[0].sql.replace("$at_least", "0"))
    shop.registry = registry_of(few, Pack((), (), [mended]))
    assert shop.replay().parked == {}
    assert len(shop.rows("kpi = 'runaway' AND subject_type = 'account'")) > 0


def test_it_is_parked_on_the_way_of_catching_up_too(shop: Shop) -> None:
    """An edit that makes a KPI run away costs its values and no others."""
    shop.settings = TIGHT
    shop.deliver(*orders(24))
    shop.registry = registry_of(Pack(kpis=edited("breads_bought", sql=ENDLESS, duckdb_only=WHY)))
    done = shop.deliver(*orders(24, 36)[1:])
    assert "stopped after" in done.parked["breads_bought"]
    assert set(done.parked) == {"breads_bought", "per_bread"}
    (value,) = shop.reader().book.values(shop.registry.kpi("turnover"), "account", "2026")
    assert value.value == 60


def test_a_projection_that_runs_away_takes_what_reads_it_along(shop: Shop) -> None:
    """And says to each of them why."""
    endless = Projection(
        name="forever",
        doc="x",
        key=("n",),
        sql="WITH RECURSIVE n AS (SELECT 1 AS n UNION ALL SELECT n % 9 + 1 FROM n)"
        " SELECT max(n) AS n FROM n",
        duckdb_only=WHY,
    )
    reader = runaway("reader", "SELECT occurred_at, n AS numerator FROM orders, forever")
    shop.settings = TIGHT
    shop.registry = registry_of(Pack(EVENT_TYPES, (*PROJECTIONS, endless), (*FEW, reader)))
    done = shop.deliver(*orders(24))
    assert set(done.parked) == {"forever", "reader"}
    assert "reads forever, which failed: It was stopped after" in done.parked["reader"]


def test_what_is_asked_on_demand_is_limited_as_well(shop: Shop) -> None:
    """A window that isn't kept is computed when it is asked for, and may take no longer."""
    shop.registry = registry_of(Pack(kpis=(*FEW, slow_in_weeks())))
    shop.deliver(*orders(24))
    shop.settings = TIGHT
    window = shop.settings.calendar.window("2026-W19", None)
    reader = shop.reader()
    with pytest.raises(LimitError, match="stopped after"):
        reader.values(shop.registry.kpi("slow_in_weeks"), "account", window)
    assert reader.values(shop.registry.kpi("turnover"), "account", window) == []


def slow_in_weeks() -> KPI:
    """A KPI that is quick for the windows that are kept, and endless for a week."""
    return runaway(
        "slow_in_weeks",
        """
WITH RECURSIVE numbers AS (
    SELECT kind, 1 AS n FROM windows
    UNION ALL
    SELECT kind, n % 9 + 1 FROM numbers WHERE kind = 'week'
)

SELECT orders.account_id, windows.period, max(numbers.n) AS numerator
FROM orders
INNER JOIN windows ON orders.occurred_at < windows.t1
INNER JOIN numbers ON numbers.kind = windows.kind
GROUP BY orders.account_id, windows.period
""",
    )


def test_the_defaults_leave_room(tmp_path: Path) -> None:
    """A quarter of an hour for each step of a definition; memory as a replay always had it."""
    assert Limits() == Limits(seconds=900, memory="800MB", spill=None)
    with Session(None, Calendar(), spill=tmp_path) as session:
        before = session.value("SELECT current_setting('max_temp_directory_size')")
        session.bound(Limits())
        assert session.value("SELECT current_setting('max_temp_directory_size')") == before
        assert session.value("SELECT current_setting('memory_limit')") == "762.9 MiB"
