"""Plan, apply and roll back, worked out by hand on a bakery of three orders."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from kamengine.errors import ReplayError, UnknownNameError
from kamengine.history.apply import applying, record
from kamengine.history.approval import Approval
from kamengine.history.ledger import appliances, before, eras
from tests.bakery import FEW, TURNOVER, event
from tests.history.office import CARDS, KPIS_YAML, Office, registry_with

ORDERS = (
    event("a", "customer.assigned", "2026-01-01", "acme", "kim"),
    event("1", "order.placed", "2026-01-05", "acme", order="1", amount="30", bread="rye"),
    event("2", "order.placed", "2026-01-06", "acme", order="2", amount="90", bread="rye"),
    event("3", "order.placed", "2026-02-07", "acme", order="3", amount="10", bread="bun"),
)
STANDING = "standing_ratings: {weight: 1, target: {floor: 0, target: 1}}"
AT_LEAST_50 = KPIS_YAML + "  params: {at_least: 50}\n"


def test_a_plan_names_what_moves_and_changes_nothing(office: Office) -> None:
    """Orders below 50 cease to count: January falls from 120 to 90, February from 10 to 0."""
    office.deliver(*ORDERS)
    office.write(kpis=AT_LEAST_50)
    found = office.plan()
    (change,) = found.changes.definitions
    assert (change.name, change.change) == ("turnover", "changed")
    assert change.params == {"at_least": ("0", "50")}
    assert found.changes.config == ("kpis.turnover",)
    moves: dict[tuple[str, str], tuple[object, ...]] = {
        (m.subject_type, m.period): (m.was, m.becomes) for m in found.largest
    }
    assert moves["account", "2026-01"] == (120, 90)
    assert moves["manager", "2026-02"] == (10, 0)
    assert moves["organisation", "2026-Q1"] == (130, 90)
    assert office.value("turnover", "account", "2026-01", "acme").value == 120
    assert found.problems == {}


def test_a_plan_names_who_crosses_a_target(office: Office) -> None:
    """The target is 100: January falls short of it, and so does the year; February stays short."""
    office.deliver(*ORDERS)
    office.write(kpis=AT_LEAST_50)
    crossed = [
        (c.subject_type, c.period, c.level, c.new_level)
        for c in office.plan().crossings
        if c.subject_type == "account"
    ]
    assert crossed == [
        ("account", "2026", "at the target", "short of the target"),
        ("account", "2026-01", "at the target", "short of the target"),
        ("account", "2026-02", "short of the target", "below the floor"),
        ("account", "2026-Q1", "at the target", "short of the target"),
    ]


def test_a_target_that_moves_is_crossed_by_who_stands_still(office: Office) -> None:
    """At a target of 125, January's 120 falls short though it doesn't move."""
    office.deliver(*ORDERS)
    office.write(kpis=KPIS_YAML.replace("target: 100", "target: 125"))
    found = office.plan()
    assert found.changes.definitions == ()
    assert ("account", "2026-01", 120, 120) in [
        (c.subject_type, c.period, c.was, c.becomes) for c in found.crossings
    ]


def test_layout_is_no_change(office: Office) -> None:
    """Comments and another file name the same."""
    office.deliver(*ORDERS)
    spread = msgspec.structs.replace(TURNOVER, sql=f"-- all of it\n{TURNOVER.sql.lower()}")
    office.registry = registry_with(spread, *FEW[1:])
    office.write(kpis=f"# targets\n{KPIS_YAML}")
    assert not office.changes()


def test_a_change_without_a_new_version_is_told(office: Office) -> None:
    """SQL changed and the version number didn't; with a new number it is in order."""
    office.deliver(*ORDERS)
    doubled = TURNOVER.sql.replace("amount AS", "2 * amount AS")
    for version, told in ((1, True), (2, False)):
        other = msgspec.structs.replace(TURNOVER, sql=doubled, version=version)
        office.registry = registry_with(other, *FEW[1:])
        (change,) = office.changes().definitions
        assert change.unversioned is told
        assert "+  2 * amount AS numerator," in change.sql.splitlines()


def test_what_rests_on_a_projection_is_named(office: Office) -> None:
    """An edited projection is a change, and the KPIs over it rest on it."""
    office.deliver(*ORDERS)
    orders = office.registry.projections["orders"]
    office.registry.projections["orders"] = msgspec.structs.replace(
        orders, sql=orders.sql.replace("placed.recency = 1", "placed.recency = 1 AND TRUE")
    )
    found = {c.name: (c.change, c.reasons) for c in office.changes().definitions}
    assert found["orders"] == ("changed", ("its sql changed",))
    assert found["turnover"] == ("rests", ("it reads orders, which changed",))
    assert "standing_ratings" not in found


def test_a_plan_counts_the_rows_that_are_read(office: Office) -> None:
    """Three orders to make the projection anew, and the three rows that it then has."""
    office.deliver(*ORDERS)
    orders = office.registry.projections["orders"]
    office.registry.projections["orders"] = msgspec.structs.replace(
        orders, sql=orders.sql.replace("placed.recency = 1", "placed.recency = 1 AND TRUE")
    )
    assert office.plan().rows == 6


def test_applied_values_are_those_planned(office: Office) -> None:
    """What is applied goes on record, and values carry its label."""
    office.deliver(*ORDERS)
    office.write(kpis=AT_LEAST_50)
    planned = office.plan()
    office.apply("small orders are noise")
    value = office.value("turnover", "account", "2026-01", "acme")
    assert (value.value, value.definition) == (90, planned.changes.definitions[0].label)
    last = appliances(office.app.log)[-1]
    assert (last.by, last.why) == ("ada", "small orders are noise")
    assert not office.changes()


def test_what_is_written_and_not_applied_changes_no_replay(office: Office) -> None:
    """A replay goes by what was applied, whatever packs and YAML say."""
    office.deliver(*ORDERS)
    office.write(kpis=AT_LEAST_50)
    office.deliver(event("4", "order.placed", "2026-02-08", "acme", order="4", amount="5"))
    assert office.value("turnover", "account", "2026-02", "acme").value == 15


def test_rolling_back_brings_back_the_numbers(office: Office) -> None:
    """The return is on record like any other apply, and can be undone itself."""
    office.deliver(*ORDERS)
    first = office.value("turnover", "account", "2026-01", "acme")
    office.write(kpis=AT_LEAST_50)
    office.apply()
    office.roll_back()
    again = office.value("turnover", "account", "2026-01", "acme")
    assert (again.value, again.definition) == (first.value, first.definition)
    assert len(appliances(office.app.log)) == 3


def test_nothing_to_return_to(office: Office) -> None:
    """After one apply there is nothing before it."""
    office.deliver(*ORDERS)
    with pytest.raises(UnknownNameError, match="nothing to return to"):
        before(office.app.log)


def test_a_definition_whose_pack_is_gone_goes_on(office: Office) -> None:
    """The log holds it whole: an uninstalled KPI is computed for new events too."""
    office.deliver(*ORDERS)
    office.registry = registry_with(*FEW[1:])
    office.deliver(event("4", "order.placed", "2026-02-08", "acme", order="4", amount="5"))
    assert office.value("turnover", "account", "2026-02", "acme").value == 15


def test_a_second_apply_is_refused(office: Office) -> None:
    """Whoever holds the right is named."""
    office.deliver(*ORDERS)
    workspace = office.app.workspace
    with (
        applying(workspace, "ada"),
        pytest.raises(ReplayError, match="by ada"),
        applying(workspace, "bob"),
    ):
        pass
    with applying(workspace, "bob"):
        pass


def test_a_crash_between_record_and_replay_costs_nothing(office: Office) -> None:
    """Readers see the state before; the next replay brings the state after."""
    office.deliver(*ORDERS)
    old = office.value("turnover", "account", "2026-01", "acme")
    office.write(kpis=AT_LEAST_50)
    app = office.app
    record(app.log, office.changes(), app.written, Approval("ada", "", office.now))
    assert office.value("turnover", "account", "2026-01", "acme") == old
    office.deliver()
    assert office.value("turnover", "account", "2026-01", "acme").value == 90


def test_a_kpi_that_is_removed_loses_its_values(office: Office) -> None:
    """A plan says how many, and an apply takes them away."""
    office.deliver(*ORDERS)
    office.registry = registry_with(*FEW[1:])
    office.write(kpis="{}\n", scorecards=CARDS.replace("turnover: 1", STANDING))
    found = office.plan()
    assert [c.name for c in found.changes.definitions if c.change == "removed"] == ["turnover"]
    extent = next(e for e in found.extents if e.kpi == "turnover")
    assert extent.moved > 0
    office.apply()
    assert "turnover" not in office.app.reader.definitions


def test_eras_follow_effective_dates(office: Office) -> None:
    """Without any, one holds for all periods."""
    office.deliver(*ORDERS)
    office.write(kpis=AT_LEAST_50)
    office.apply()
    assert [era.since for era in eras(office.app.log)] == [None]
    params = office.app.definitions.registry.kpi("turnover").params
    assert params == type(params)(at_least=Decimal(0))
