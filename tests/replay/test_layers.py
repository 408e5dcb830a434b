"""A change redoes what depends on it and nothing else; one bad part stays one bad part."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from kamengine.kpi import KPI, Formula, Operand, Sum
from kamengine.plugins import Registry
from kamengine.settings import Settings
from tests.bakery import (
    BREADS,
    EVENT_TYPES,
    KPIS,
    ORDERS,
    OWNERSHIP,
    PROJECTIONS,
    TURNOVER,
    Pack,
    Shop,
    TurnoverParams,
    assert_as_rebuilt,
    edited,
    edited_projection,
    event,
    kpi,
    registry_of,
)
from tests.replay.test_catching_up import EVENTS

EVERY = {k.id for k in KPIS}
ORDER_READERS = EVERY - {"last_ratings", "standing_ratings", "seller_orders"}
STRICTER = TURNOVER.sql + " AND amount > 15"
BROKEN = "SELECT account_id, occurred_at, nope AS numerator, event_id FROM orders"


@pytest.fixture
def replayed(shop: Shop) -> Shop:
    """A shop with nothing left to do."""
    shop.deliver(*EVENTS)
    shop.replay()
    assert shop.replay().recomputed == ()
    return shop


def redone(shop: Shop, kpis: Iterable[KPI] = KPIS, **parts: object) -> set[str]:
    """Replay with other parts and return what was computed anew."""
    shop.registry = registry_of(Pack(kpis=kpis, **parts))  # type: ignore[arg-type]
    result = shop.replay()
    assert result.parked == {}
    return set(result.recomputed)


def test_an_edited_kpi_recomputes_itself_and_formulas_over_it(replayed: Shop) -> None:
    """Formulas over an edited KPI follow it; every other KPI stands."""
    assert redone(replayed, edited("turnover", sql=STRICTER)) == {
        "turnover",
        "per_bread",
        "share_of_all",
    }
    assert replayed.value("turnover", "2026", "acme", "account")[0] == "20"
    assert replayed.value("per_bread", "2026", "acme", "account")[3] == 20.0


def test_an_edited_formula_recomputes_itself_alone(replayed: Shop) -> None:
    """Its operands stand."""
    other = Formula(operands={"money": Operand(kpi="turnover")}, numerator="money * 2")
    assert redone(replayed, edited("per_bread", value=other)) == {"per_bread"}
    assert replayed.value("per_bread", "2026", "acme", "account")[3] == 61.0


@pytest.mark.parametrize("change", ["comment", "case", "layout", "title"])
def test_writing_a_definition_otherwise_recomputes_nothing(replayed: Shop, change: str) -> None:
    """Comments, case, layout and titles are no part of what a value means."""
    sql = {
        "comment": "-- money\n" + TURNOVER.sql,
        "case": TURNOVER.sql.replace("SELECT", "select"),
        "layout": " ".join(TURNOVER.sql.split()),
        "title": TURNOVER.sql,
    }[change]
    assert redone(replayed, edited("turnover", sql=sql, title="Money")) == set()


def test_a_parameter_redoes_its_kpi(replayed: Shop) -> None:
    """Only the KPI whose parameter config changes, and formulas over it."""
    params = {"turnover": TurnoverParams(at_least=Decimal(20))}
    replayed.settings = msgspec.structs.replace(replayed.settings, params=params)
    assert set(replayed.replay().recomputed) == {"turnover", "per_bread", "share_of_all"}
    assert replayed.value("turnover", "2026")[0] == "20"


def test_an_edited_projection_redoes_itself_and_its_readers(replayed: Shop) -> None:
    """Readers of orders are computed anew; ratings are left alone."""
    projections = edited_projection("orders", ORDERS.sql + " AND placed.amount <> 20")
    assert redone(replayed, projections=projections) == ORDER_READERS
    assert replayed.value("turnover", "2026")[0] == "20.5"  # 10.5 + 7 + 3


def test_an_edited_projection_on_one_side_redoes_that_side(replayed: Shop) -> None:
    """Only bread_rank reads breads."""
    projections = edited_projection("breads", BREADS.sql.replace("sum(amount)", "2 * sum(amount)"))
    assert redone(replayed, projections=projections) == {"bread_rank"}


def test_other_ownership_redoes_every_kpi(replayed: Shop) -> None:
    """Who answers for what is part of all evidence."""
    projections = edited_projection(
        "ownership", f"SELECT * FROM ({OWNERSHIP.sql}) WHERE manager_id <> 'kim'"
    )
    assert redone(replayed, projections=projections) == EVERY
    assert replayed.value("turnover", "2026-02", "kim", "manager") == ()


def test_a_changed_event_type_redoes_what_reads_it(replayed: Shop) -> None:
    """Another schema of ratings decodes ratings anew, and nothing of orders."""
    types = tuple(
        msgspec.structs.replace(
            t,
            version=1,
            data=msgspec.defstruct(
                "Rated",
                [("bread", str), ("score", Decimal | None, None), ("why", str | None, None)],
                bases=(EVENT_TYPES[0].data.__mro__[1],),
                frozen=True,
                kw_only=True,
            ),
        )
        if t.name == "bread.rated"
        else t
        for t in EVENT_TYPES
    )
    assert redone(replayed, event_types=types) == {"last_ratings", "standing_ratings"}


def test_one_event_recomputes_what_it_can_change(shop: Shop) -> None:
    """A rating concerns the KPIs of ratings, an order in March no rating."""
    shop.deliver(*EVENTS)
    shop.replay()
    rating = event("n1", "bread.rated", "2026-02-12", "acme", bread="bun", score="4")
    assert set(shop.deliver(rating).recomputed) == {"last_ratings", "standing_ratings"}


@pytest.mark.parametrize("back", [1, 2])
def test_a_definition_edited_and_edited_back_has_its_first_values(
    replayed: Shop, tmp_path: Path, back: int
) -> None:
    """Though the state that is worked on never saw the edit, the values that it left go."""
    before = replayed.rows()
    for sql in [STRICTER, TURNOVER.sql + " AND amount > 16"][:back]:
        redone(replayed, edited("turnover", sql=sql))
        assert replayed.rows() != before
    redone(replayed)
    assert replayed.rows() == before


@pytest.mark.parametrize("days", [["2026-02-10"], ["2026-02-10", "2026-02-20"], ["2025-01-01"]])
def test_as_of_may_go_back(replayed: Shop, tmp_path: Path, days: list[str]) -> None:
    """Values as of an earlier day are those that a rebuild as of that day gives, and back."""
    before = replayed.rows()
    for number, day in enumerate(days):
        replayed.replay(as_of=day)
        assert_as_rebuilt(replayed, EVENTS, tmp_path / str(number), as_of=day)
    replayed.replay()
    assert replayed.rows() == before


def test_kinds_of_period_come_and_go(replayed: Shop, tmp_path: Path) -> None:
    """Weeks appear where they are asked for and vanish where they aren't."""
    before = replayed.rows()
    usual = replayed.settings
    replayed.settings = Settings(as_of=usual.as_of, kinds=("week",))
    replayed.replay()
    assert_as_rebuilt(replayed, EVENTS, tmp_path / "weeks")
    replayed.settings = usual
    replayed.replay()
    assert replayed.rows() == before


FAILING = {
    "binds to nothing": {"sql": BROKEN},
    "fails on data": {
        "sql": TURNOVER.sql.replace("amount AS", "CAST('x' || amount AS DECIMAL(38, 6)) AS")
    },
    "no evidence": {"sql": "SELECT account_id, occurred_at FROM orders"},
    "reads nothing there is": {"sql": "SELECT account_id, occurred_at, 1 AS numerator FROM deals"},
}


@pytest.mark.parametrize("change", FAILING.values(), ids=FAILING)
def test_a_failing_kpi_is_parked_and_comes_back_when_mended(
    replayed: Shop, change: dict[str, object]
) -> None:
    """It loses its values and says why; all others stay; mended, everything is as before."""
    before = replayed.rows()
    replayed.registry = registry_of(Pack(kpis=edited("turnover", **change)))
    result = replayed.replay()
    assert set(result.parked) == {"turnover", "per_bread", "share_of_all"}
    assert replayed.rows() == [r for r in before if r[0] not in result.parked]
    reader = replayed.reader()
    window = replayed.settings.calendar.window("2026")
    value = reader.value(replayed.registry.kpi("turnover"), "account", window, "acme")
    assert (value.status, value.value) == ("unavailable", None)
    assert value.reason == result.parked["turnover"]
    replayed.deliver(event("n1", "bread.rated", "2026-02-12", "acme", bread="bun", score="4"))
    replayed.registry = registry_of()
    replayed.replay()
    unrated = [r for r in replayed.rows() if r[0] not in {"last_ratings", "standing_ratings"}]
    assert unrated == [r for r in before if r[0] not in {"last_ratings", "standing_ratings"}]


@pytest.mark.parametrize(
    "numerator", ["mony", "CAST('x' || money AS DECIMAL(38, 6))", "money * 1e30"]
)
def test_a_failing_formula_costs_itself_alone(replayed: Shop, numerator: str) -> None:
    """Its SQL is first tried when values are computed; even then the rest goes on."""
    before = replayed.rows()
    value = Formula(operands={"money": Operand(kpi="turnover")}, numerator=numerator)
    replayed.registry = registry_of(Pack(kpis=edited("per_bread", value=value)))
    result = replayed.replay()
    assert set(result.parked) == {"per_bread"}
    assert replayed.rows() == [r for r in before if r[0] != "per_bread"]
    redone(replayed)
    assert replayed.rows() == before


def test_values_too_large_to_keep_cost_their_kpis(shop: Shop) -> None:
    """An amount that no sum can hold parks those who add it up, and says so in one line."""
    shop.deliver(*EVENTS)
    result = shop.deliver(
        event("big", "order.placed", "2026-03-01", "acme", order="9", amount="9" * 32)
    )
    assert "turnover" in result.parked
    assert "\n" not in result.parked["turnover"]
    assert "breads_bought" not in result.parked
    assert shop.value("breads_bought", "2026", "acme", "account")[0] == "1"


def test_a_failing_projection_costs_its_readers(replayed: Shop) -> None:
    """Who reads it, directly or not, is parked with the cause; mended, all is as before."""
    before = replayed.rows()
    sql = "SELECT account_id, nope FROM order_placed"
    replayed.registry = registry_of(Pack(projections=edited_projection("orders", sql)))
    result = replayed.replay()
    assert set(result.parked) == ORDER_READERS | {"orders"}
    assert "it reads orders, which failed: " in result.parked["order_mean"]
    assert {r[0] for r in replayed.rows()} == EVERY - ORDER_READERS
    redone(replayed)
    assert replayed.rows() == before


@pytest.mark.parametrize(
    "sql", ["SELECT nope FROM customer_assigned", "SELECT 1 AS x FROM nothing"]
)
def test_without_ownership_no_kpi_pretends_to_know_whose_it_is(replayed: Shop, sql: str) -> None:
    """A broken ownership parks all KPIs and names it, rather than leaving managers with nothing."""
    before = replayed.rows()
    replayed.registry = registry_of(Pack(projections=edited_projection("ownership", sql)))
    result = replayed.replay()
    assert set(result.parked) == EVERY | {"ownership"}
    assert "ownership" in result.parked["seller_orders"]
    assert replayed.rows() == []
    redone(replayed)
    assert replayed.rows() == before


def test_losing_every_pack_and_finding_them_again(replayed: Shop, tmp_path: Path) -> None:
    """Without packs there are no values; with them, all that were missed meanwhile as well."""
    later = event("n1", "order.placed", "2026-02-12", "acme", order="5", amount="1")
    replayed.registry = Registry()
    replayed.deliver(later)
    assert replayed.rows() == []
    replayed.registry = registry_of()
    replayed.replay()
    assert_as_rebuilt(replayed, [*EVENTS, later], tmp_path / "other")


def test_projections_that_read_each_other_in_a_circle_are_told_so(shop: Shop) -> None:
    """Neither can be derived; the reason says why, and others go on."""
    a = msgspec.structs.replace(BREADS, name="one", sql="SELECT * FROM two")
    b = msgspec.structs.replace(BREADS, name="two", sql="SELECT * FROM one")
    shop.registry = registry_of(Pack(projections=(*PROJECTIONS, a, b)))
    result = shop.deliver(*EVENTS)
    assert set(result.parked) == {"one", "two"}
    assert "by way of other projections" in result.parked["one"]
    assert shop.value("turnover", "2026")[0] == "40.5"


def test_a_formula_over_a_formula_is_refused_by_its_name(shop: Shop) -> None:
    """The reason says what the operand is, not that it isn't there."""
    over = kpi("over", Formula(operands={"x": Operand(kpi="per_bread")}, numerator="x"))
    shop.registry = registry_of(Pack(kpis=(*KPIS, over)))
    result = shop.deliver(*EVENTS)
    assert set(result.parked) == {"over"}
    assert result.parked["over"] == "it needs per_bread, which is a formula itself"


def test_a_kpi_that_no_event_concerns_has_no_rows(shop: Shop) -> None:
    """Nothing is made up where nothing happened."""
    shop.registry = registry_of(
        Pack(kpis=[kpi("never", Sum(), TURNOVER.sql.replace("$at_least", "1000"))])
    )
    assert shop.deliver(*EVENTS).parked == {}
    assert shop.rows() == []


def test_kpis_that_ask_the_same_share_the_gathering_and_not_the_failure(shop: Shop) -> None:
    """A KPI with another's query has the other's evidence; one that fails vouches for nobody."""
    twin = msgspec.structs.replace(TURNOVER, id="turnover_twin")
    lame = [kpi(name, Sum(), sql=BROKEN) for name in ("lame", "lame_twin")]
    shop.registry = registry_of(Pack(kpis=(*KPIS, twin, *lame)))
    result = shop.deliver(*EVENTS)
    assert set(result.parked) == {"lame", "lame_twin"}
    window = shop.settings.calendar.window("2026")
    first, second = (
        shop.reader().explain(shop.registry.kpi(name), "organisation", window, "organisation")
        for name in ("turnover", "turnover_twin")
    )
    assert first.evidence == second.evidence
    assert (
        first.value.numerator
        == second.value.numerator
        == sum(row.numerator or 0 for row in second.evidence)
    )
    assert len(second.evidence) > 1
