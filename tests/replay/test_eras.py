"""Definitions that hold from a day on: earlier periods keep theirs, and late events too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from kamengine.courier.client import Courier
from kamengine.engine.session import Session
from kamengine.log.contract import NewEvent
from kamengine.plugins import Registry
from kamengine.replay import graph as graphs
from kamengine.replay.era import Era
from kamengine.replay.opening import open_reader
from kamengine.replay.outcome import Replayed
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.settings import Settings
from tests.bakery import (
    KPIS,
    NOW,
    PROJECTIONS,
    TURNOVER,
    Pack,
    Row,
    Shop,
    TurnoverParams,
    edited,
    edited_projection,
    event,
    registry_of,
)

JULY = dt.date(2026, 7, 1)
OCTOBER = dt.date(2026, 10, 1)
STRICTER = registry_of(Pack(kpis=edited("turnover", sql=TURNOVER.sql + " AND amount > 15")))
PLAIN = registry_of()

EVENTS = (
    event("a", "customer.assigned", "2026-01-01", "acme", "kim"),
    event("b", "order.placed", "2026-02-10", "acme", order="1", amount="10", bread="rye"),
    event("c", "order.placed", "2026-03-10", "acme", order="2", amount="20", bread="rye"),
    event("d", "order.placed", "2026-08-10", "acme", order="3", amount="12", bread="bun"),
    event("e", "order.placed", "2026-09-10", "bolt", order="4", amount="30", bread="bun"),
)
LATE = event("z", "order.placed", "2026-02-20", "acme", order="9", amount="7", bread="rye")


class Bakery(Shop):
    """A shop whose definitions hold from days on."""

    eras: Sequence[Era] = ()

    def turn(
        self, *eras: tuple[dt.date | None, Registry], settings: Settings | None = None
    ) -> None:
        """Put definitions into force, oldest periods first."""
        chosen = settings or self.settings
        self.eras = [Era(since, registry, chosen) for since, registry in eras]

    def replayer(self) -> Replayer:
        newest = self.eras[-1]
        return Replayer(
            self.workspace,
            newest.registry,
            newest.settings,
            self.courier,
            in_force=lambda _: self.eras,
        )

    def replay(
        self,
        *,
        full: bool = False,
        as_of: str | None = None,
        retry: bool = False,
        account: str | None = None,
    ) -> Replayed:
        replayer = self.replayer()
        return replayer.replay(NOW, full=full, as_of=as_of, retry=retry, account=account)

    def reader(self) -> Reader:
        return open_reader(self.workspace, self.eras)

    def numbers(self, kpi: str, *periods: str) -> list[object]:
        """Return the organisation's numerators."""
        found = [self.value(kpi, period) for period in periods]
        return [row[0] if row else None for row in found]


@pytest.fixture
def shop(tmp_path: Path, bakery_courier: Courier) -> Bakery:
    """A shop that counted all orders, until from July on only those above 15 count."""
    found = Bakery(tmp_path / "shop", bakery_courier)
    found.turn((None, PLAIN))
    found.deliver(*EVENTS)
    found.turn((None, PLAIN), (JULY, STRICTER))
    return found


def label(registry: Registry, kpi: str) -> str:
    """Return what values carry where the definitions hold for all periods."""
    settings = Settings(as_of="2026-12-31")
    return graphs.build(registry, settings).definition(registry.kpi(kpi))


def as_rebuilt(shop: Bakery, folder: Path, events: Sequence[NewEvent]) -> list[Row]:
    other = Bakery(folder, shop.courier, settings=shop.settings)
    other.eras = shop.eras
    other.append(*sorted(events, key=lambda e: (e[5], e[0])))
    other.replay(full=True)
    return other.rows()


def test_earlier_periods_keep_their_definition(shop: Bakery) -> None:
    """A quarter from the day on is counted in the new way, one before it in the old way."""
    shop.replay()
    assert shop.numbers("turnover", "2026-Q1", "2026-Q3") == ["30", "30"]
    assert shop.numbers("turnover", "2026-02", "2026-08", "2026-09") == ["10", None, "30"]
    # the year began before the day
    assert shop.numbers("turnover", "2026") == ["72"]


def test_only_periods_from_the_day_on_are_computed_anew(shop: Bakery) -> None:
    """What an earlier period keeps isn't computed again, neither by the replay nor by the next."""
    with shop.replayer().rehearsing() as rehearsal:
        found = {r.kpi: r for r in rehearsal.revaluation.values(rehearsal.stale)}
        assert found.keys() == {"turnover", "per_bread", "share_of_all"}
        for revalued in found.values():
            periods = set(revalued.rows.column("period").to_pylist())
            assert periods <= {"2026-07", "2026-08", "2026-09", "2026-Q3", "2026-10"}
        assert rehearsal.gone == {}
    assert set(shop.replay().recomputed) == {"turnover", "per_bread", "share_of_all"}
    shop.replay()
    assert shop.replay().recomputed == ()


def test_a_late_event_is_counted_as_its_period_counts(shop: Bakery, tmp_path: Path) -> None:
    """An order of 7 that turns up late counts in February, where orders of any size count."""
    shop.replay()
    shop.deliver(LATE)
    assert shop.numbers("turnover", "2026-02", "2026-Q1", "2026-Q3") == ["17", "37", "30"]
    assert shop.rows() == as_rebuilt(shop, tmp_path / "other", (*EVENTS, LATE))
    small = event("y", "order.placed", "2026-08-20", "bolt", order="8", amount="8")
    shop.deliver(small)
    assert shop.numbers("turnover", "2026-Q3") == ["30"]
    assert shop.rows() == as_rebuilt(shop, tmp_path / "third", (*EVENTS, LATE, small))


def test_a_formula_reads_what_its_period_has(shop: Bakery) -> None:
    """Its operands are those of the same era."""
    shop.replay()
    reader = shop.reader()
    kpi = STRICTER.kpi("per_bread")
    calendar = shop.settings.calendar
    first = reader.explain(kpi, "organisation", calendar.window("2026-Q1"), "organisation")
    third = reader.explain(kpi, "organisation", calendar.window("2026-Q3"), "organisation")
    assert first.operands["money"].numerator == Decimal(30)
    assert first.value.value == 30.0  # rye alone
    assert third.operands["money"].numerator == Decimal(30)
    # acme's bun, bolt's bun
    assert (third.value.numerator, third.value.denominator) == (Decimal(30), Decimal(2))


def test_an_explanation_is_that_of_the_period(shop: Bakery) -> None:
    """Label, query and evidence are those of the definition that holds for the period."""
    shop.replay()
    reader = shop.reader()
    kpi, calendar = STRICTER.kpi("turnover"), shop.settings.calendar
    old = reader.explain(kpi, "organisation", calendar.window("2026-Q1"), "organisation")
    new = reader.explain(kpi, "organisation", calendar.window("2026-Q3"), "organisation")
    assert [c.numerator for c in old.evidence] == [Decimal(10), Decimal(20)]
    assert [c.numerator for c in new.evidence] == [Decimal(30)]
    assert "15" in new.query
    assert "15" not in old.query
    assert old.value.definition == label(PLAIN, "turnover")
    assert new.value.definition == label(STRICTER, "turnover")


def test_values_carry_the_label_of_their_period(shop: Bakery) -> None:
    """Asked for one by one or all at once, kept ready or not."""
    shop.replay()
    kpi = STRICTER.kpi("turnover")
    kept = shop.reader().book.values(kpi, "organisation")
    labels = {v.period: v.definition for v in kept}
    assert labels["2026-Q1"] == labels["2026-02"] == labels["2026"] == label(PLAIN, "turnover")
    assert labels["2026-Q3"] == labels["2026-09"] == label(STRICTER, "turnover")
    calendar = shop.settings.calendar
    for days, numerator, registry in ((300, "72", PLAIN), (60, "30", STRICTER)):
        window = calendar.window(f"trailing-{days}d@2026-09-30")
        (value,) = shop.reader().values(kpi, "organisation", window)
        assert value.numerator == Decimal(numerator)
        assert value.definition == label(registry, "turnover")


def test_parameters_hold_from_a_day_on(shop: Bakery) -> None:
    """A parameter set from July on leaves earlier periods as they were."""
    stricter = Settings(
        as_of="2026-12-31", params={"turnover": TurnoverParams(at_least=Decimal(15))}
    )
    shop.eras = [Era(None, PLAIN, shop.settings), Era(JULY, PLAIN, stricter)]
    shop.replay()
    assert shop.numbers("turnover", "2026-Q1", "2026-Q3") == ["30", "30"]


def test_a_projection_holds_from_a_day_on(shop: Bakery, tmp_path: Path) -> None:
    """What reads it is made twice, from what it is in each era; what doesn't isn't."""
    doubled = PROJECTIONS[3].sql.replace("placed.amount,", "2 * placed.amount AS amount,")
    newer = registry_of(Pack(projections=edited_projection("orders", doubled)))
    shop.turn((None, PLAIN), (JULY, newer))
    done = shop.replay()
    assert done.parked == {}
    assert shop.numbers("turnover", "2026-Q1", "2026-Q3") == ["30", "84"]
    assert shop.numbers("seller_orders", "2026-Q1") == [None]
    assert "last_ratings" not in done.recomputed
    shop.deliver(LATE)
    assert shop.numbers("turnover", "2026-Q1", "2026-Q3") == ["37", "84"]
    assert shop.rows() == as_rebuilt(shop, tmp_path / "other", (*EVENTS, LATE))


def test_who_answers_holds_from_a_day_on(shop: Bakery, tmp_path: Path) -> None:
    """Where ownership is told in another way from July on, earlier periods keep their owners."""
    nobody = PROJECTIONS[0].sql.replace("WHERE valid_to", "WHERE manager_id <> 'kim' AND valid_to")
    newer = registry_of(Pack(projections=edited_projection("ownership", nobody)))
    shop.turn((None, PLAIN), (JULY, newer))
    shop.replay()
    assert shop.value("turnover", "2026-Q1", "kim", "manager")[0] == "30"
    assert shop.value("turnover", "2026-Q3", "kim", "manager") == ()
    kpi, calendar = newer.kpi("turnover"), shop.settings.calendar
    for period, rows in (("2026-Q1", 2), ("2026-Q3", 0)):
        found = shop.reader().explain(kpi, "manager", calendar.window(period), "kim")
        assert len(found.evidence) == rows
    with shop.reader().asking(calendar.window("2026-Q1")) as session:
        assert session.rows("SELECT manager_id FROM ownership") == [("kim",)]
    with shop.reader().asking(calendar.window("2026-Q3")) as session:
        assert session.rows("SELECT manager_id FROM ownership") == []
    assert shop.rows() == as_rebuilt(shop, tmp_path / "other", EVENTS)


def test_a_kpi_added_from_a_day_on_has_no_earlier_values(shop: Bakery) -> None:
    """They say since when there is the KPI."""
    older = registry_of(Pack(kpis=[k for k in KPIS if k.id != "seller_orders"]))
    told = event("s", "order.placed", "2026-02-11", "acme", "kim", order="5", amount="1")
    shop.turn((None, PLAIN))
    shop.deliver(told)
    assert shop.numbers("seller_orders", "2026-Q1") == ["1"]
    shop.turn((None, older), (JULY, PLAIN))
    with shop.replayer().rehearsing() as rehearsal:
        assert "2026-Q1" in rehearsal.gone["seller_orders"]
        assert "2026-Q3" not in rehearsal.gone["seller_orders"]
    shop.replay()
    assert shop.numbers("seller_orders", "2026-Q1") == [None]
    window = shop.settings.calendar.window("2026-Q1")
    value = shop.reader().value(PLAIN.kpi("seller_orders"), "manager", window, "kim")
    assert value.status == "unavailable"
    assert value.reason == "it was added effective 2026-07-01"


def test_a_kpi_removed_from_a_day_on_keeps_its_earlier_values(shop: Bakery, tmp_path: Path) -> None:
    """They are kept up to date; later periods say since when there is none."""
    newer = registry_of(Pack(kpis=[k for k in KPIS if k.id != "order_mean"]))
    shop.turn((None, PLAIN), (JULY, newer))
    shop.replay()
    shop.deliver(LATE)
    assert shop.numbers("order_mean", "2026-Q1", "2026-Q3") == ["37", None]
    assert shop.rows() == as_rebuilt(shop, tmp_path / "other", (*EVENTS, LATE))
    calendar, kpi = shop.settings.calendar, PLAIN.kpi("order_mean")
    value = shop.reader().value(kpi, "organisation", calendar.window("2026-Q3"), "organisation")
    assert value.reason == "it was removed effective 2026-07-01"


def test_a_definition_that_fails_costs_its_periods_alone(shop: Bakery) -> None:
    """Later periods have their values; the reason names the periods that have none."""
    broken = registry_of(Pack(kpis=edited("turnover", sql="SELECT nope FROM orders")))
    shop.turn((None, broken), (JULY, STRICTER))
    parked = shop.replay().parked
    assert set(parked) == {
        "turnover before 2026-07-01",
        "per_bread before 2026-07-01",
        "share_of_all before 2026-07-01",
    }
    assert shop.numbers("turnover", "2026-Q1", "2026-Q3") == [None, "30"]
    value = shop.reader().value(
        STRICTER.kpi("turnover"),
        "organisation",
        shop.settings.calendar.window("2026-Q1"),
        "organisation",
    )
    assert value.status == "unavailable"
    assert "nope" in str(value.reason)


def test_a_definition_may_return(shop: Bakery, tmp_path: Path) -> None:
    """One that held before July and holds again from October on is derived once for both."""
    shop.turn((None, PLAIN), (JULY, STRICTER), (OCTOBER, PLAIN))
    shop.replay()
    autumn = event("f", "order.placed", "2026-10-05", "acme", order="6", amount="5")
    shop.deliver(LATE, autumn)
    assert shop.numbers("turnover", "2026-Q1", "2026-Q3", "2026-Q4") == ["37", "30", "5"]
    assert shop.rows() == as_rebuilt(shop, tmp_path / "other", (*EVENTS, LATE, autumn))
    assert len([n for n in _tables(shop) if n.startswith("turnover__")]) == 1


def test_what_nobody_wants_any_more_is_dropped(shop: Bakery) -> None:
    """When the newest definition comes to hold for all periods, no other is derived."""
    for _ in range(3):
        shop.replay()
    assert any("__" in name for name in _tables(shop))
    shop.turn((None, STRICTER))
    assert set(shop.replay().recomputed) == {"turnover", "per_bread", "share_of_all"}
    assert shop.numbers("turnover", "2026-Q1", "2026-Q3") == ["20", "30"]
    shop.replay()
    assert not any("__" in name for name in _tables(shop))


def test_a_return_computes_only_what_it_moves(shop: Bakery) -> None:
    """Back to one definition for all periods, those that had it keep their values."""
    shop.replay()
    shop.turn((None, PLAIN))
    with shop.replayer().rehearsing() as rehearsal:
        for found in rehearsal.revaluation.values(rehearsal.stale):
            assert min(found.rows.column("period").to_pylist()) >= "2026-07"
    shop.replay()
    assert shop.numbers("turnover", "2026-Q1", "2026-Q3") == ["30", "42"]


def _tables(shop: Bakery) -> list[str]:
    head = shop.reader().head
    with Session(
        shop.workspace.state_dir / head.state, shop.settings.calendar, read_only=True
    ) as session:
        rows = session.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'evidence'")
    return [row[0] for row in rows]
