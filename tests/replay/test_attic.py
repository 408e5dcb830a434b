"""Values outlive the definitions that they were computed by."""

from __future__ import annotations

import sqlite3
from decimal import Decimal

import pytest

from kamengine.kpi import KPI, Sum
from kamengine.replay.attic import Attic, Retired
from kamengine.value import Value
from tests.bakery import ORDERED, Pack, Shop, edited, event, registry_of

KEPT = "turnover_in_dozens"
REST = tuple(kpi for kpi in Pack().parts[2] if kpi.id != KEPT)
WITHOUT = Pack(kpis=REST)


@pytest.fixture
def sold(shop: Shop) -> Shop:
    """Ann ordered for 24 in May and for 36 in June: 2 and 3 dozens."""
    shop.deliver(
        event("o1", "order.placed", "2026-05-01", "ann", order="1", amount=24),
        event("o2", "order.placed", "2026-06-01", "ann", order="2", amount=36),
    )
    return shop


def uninstall(shop: Shop) -> None:
    shop.registry = registry_of(WITHOUT)
    shop.replay()


def attic(shop: Shop) -> Attic:
    return Attic(shop.workspace.values_path)


def kept(shop: Shop, period: str | None = None, subject: str | None = None) -> list[Value]:
    retired = attic(shop).find(KEPT)
    assert retired is not None
    return attic(shop).kept(retired, "account", period, subject)


def test_values_stay_when_their_kpi_goes(sold: Shop) -> None:
    """They are as they were, with their definition and the position that they rest on."""
    (before,) = sold.reader().book.values(sold.registry.kpi(KEPT), "account", "2026-05")
    uninstall(sold)
    assert sold.rows(f"kpi = '{KEPT}'") == []
    assert kept(sold, "2026-05") == [before]
    assert (before.value, before.log_position) == (2.0, 2)
    assert [(v.period, v.value) for v in kept(sold)] == [
        ("2026", 5.0),
        ("2026-05", 2.0),
        ("2026-06", 3.0),
        ("2026-Q2", 5.0),
    ]
    assert kept(sold, subject="bob") == []


def test_what_the_kpi_was_stays_with_them(sold: Shop) -> None:
    """Its title, its unit, how it was computed, from which pack, and as of when."""
    label = sold.reader().definitions[KEPT].definition
    uninstall(sold)
    found = attic(sold).find(KEPT)
    assert isinstance(found, Retired)
    assert (found.definition, found.unit, found.position) == (label, "money", 2)
    assert found.as_of.isoformat() == "2027-01-01T00:00:00+00:00"
    told = found.declaration
    assert told is not None
    assert (told.title, told.pack, told.value) == (KEPT, "pack_0", {"type": "Sum", "per": 12})
    assert "orders" in told.sql


def test_later_replays_leave_them_alone(sold: Shop) -> None:
    """New events, a rebuild and a change of what is kept ready concern KPIs that are there."""
    uninstall(sold)
    before = kept(sold)
    sold.deliver(event("o3", "order.placed", "2026-05-02", "ann", order="3", amount=12))
    sold.replay(full=True)
    assert kept(sold) == before
    retired = attic(sold).find(KEPT)
    assert retired is not None
    assert retired.position == 2


def test_a_kpi_that_comes_back_is_computed_again(sold: Shop) -> None:
    """By what the log says now; nothing of it is left in the attic."""
    uninstall(sold)
    sold.deliver(event("o3", "order.placed", "2026-05-02", "ann", order="3", amount=12))
    sold.registry = registry_of()
    sold.replay()
    (value,) = sold.reader().book.values(sold.registry.kpi(KEPT), "account", "2026-05")
    assert value.value == 3.0
    assert attic(sold).find(KEPT) is None


def test_a_kpi_that_comes_back_broken_leaves_its_values(sold: Shop) -> None:
    """They go only where there are others."""
    uninstall(sold)
    sold.registry = registry_of(Pack(kpis=edited(KEPT, sql="SELECT nothing FROM orders")))
    assert KEPT in sold.replay().parked
    assert attic(sold).find(KEPT) is not None
    assert [v.value for v in kept(sold, "2026-05")] == [2.0]


def test_it_goes_a_second_time_with_its_later_values(sold: Shop) -> None:
    """The attic holds what was computed last, by the definition that it was computed by."""
    uninstall(sold)
    other = edited(KEPT, value=Sum(per=24), title="In double dozens")
    sold.registry = registry_of(Pack(kpis=other))
    sold.replay()
    uninstall(sold)
    assert [v.value for v in kept(sold, "2026-05")] == [1.0]
    found = attic(sold).find(KEPT)
    assert found is not None
    assert found.declaration is not None
    assert found.declaration.title == "In double dozens"


def test_a_parked_kpi_has_nothing_to_leave(sold: Shop) -> None:
    """It had no values before it went."""
    sold.registry = registry_of(Pack(kpis=edited(KEPT, sql="SELECT nothing FROM orders")))
    sold.replay()
    uninstall(sold)
    assert attic(sold).find(KEPT) is None


def test_a_formula_over_a_kpi_that_went_is_parked(sold: Shop) -> None:
    """Values that nothing keeps up to date are no operands."""
    rest = tuple(kpi for kpi in Pack().parts[2] if kpi.id != "breads_bought")
    sold.registry = registry_of(Pack(kpis=rest))
    assert "no pack registers" in sold.replay().parked["per_bread"]


def test_a_book_from_before_there_was_an_attic(sold: Shop) -> None:
    """What it has is kept, though nobody took down what the KPI was."""
    with sqlite3.connect(sold.workspace.values_path) as connection:
        for table in ("declared_kpis", "retired_kpis", "retired_values"):
            connection.execute(f"DROP TABLE {table}")
    assert attic(sold).find(KEPT) is None
    uninstall(sold)
    found = attic(sold).find(KEPT)
    assert found is not None
    assert found.declaration is None
    assert [v.numerator for v in kept(sold, "2026-06")] == [Decimal(36)]


def test_declarations_are_written_when_they_change(sold: Shop) -> None:
    """A replay that finds them as they were writes none; an edit of the title is an edit."""
    measured = sold.registry.measured
    told = {kpi.id: kpi.title for kpi in measured.values()}
    assert declared(sold) == told
    changed = tuple(with_title(kpi, "Other") if kpi.id == KEPT else kpi for kpi in Pack().parts[2])
    sold.registry = registry_of(Pack(kpis=changed))
    sold.replay()
    assert declared(sold) == told | {KEPT: "Other"}
    uninstall(sold)
    assert declared(sold).keys() == told.keys() - {KEPT}


def with_title(kpi: KPI, title: str) -> KPI:
    (found,) = (k for k in edited(kpi.id, title=title) if k.id == kpi.id)
    return found


def declared(shop: Shop) -> dict[str, str]:
    with sqlite3.connect(shop.workspace.values_path) as connection:
        rows = connection.execute(
            "SELECT kpi, declaration ->> 'title' FROM declared_kpis"
        ).fetchall()
    return dict(rows)


def test_evidence_of_the_kept_kpi_is_the_bakerys_orders() -> None:
    """The numbers above rest on amounts over twelve."""
    (kpi,) = (k for k in Pack().parts[2] if k.id == KEPT)
    assert (kpi.value, kpi.sql) == (Sum(per=12), ORDERED.format(numerator="amount"))
