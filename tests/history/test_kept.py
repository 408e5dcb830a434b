"""The last plan is kept for as long as it is true, and no longer."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from kamengine.cli import main
from kamengine.history import plan as planning
from kamengine.history.plan import Plan
from kamengine.log.contract import NewEvent
from tests.bakery import event
from tests.history.office import KPIS_YAML, Office


def at_least(amount: int) -> str:
    """Return a config by which smaller orders don't count."""
    return f"{KPIS_YAML}  params: {{at_least: {amount}}}\n"


def order(name: str, amount: str) -> NewEvent:
    return event(name, "order.placed", "2026-01-05", "acme", order=name, amount=amount)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """The plans that were computed, and not only found again."""
    found: list[Plan] = []
    compute: Callable[..., Plan] = planning.plan

    def computing(*arguments: object, **options: object) -> Plan:
        found.append(compute(*arguments, **options))
        return found[-1]

    monkeypatch.setattr(planning, "plan", computing)
    return found


def moved(office: Office) -> int:
    """Plan, and return by how much January moves."""
    done = CliRunner().invoke(main, ["plan", "--format", "json"], obj=office.app)
    assert done.exit_code == 1, done.output
    found = json.loads(done.stdout)["largest"]
    (move,) = (m for m in found if (m["subject_type"], m["period"]) == ("account", "2026-01"))
    return int(move["becomes"] - move["was"])


def test_a_plan_of_the_same_is_found_again(office: Office, made: list[Plan]) -> None:
    """Asked twice it is computed once, and an apply takes it too; its answer is the same."""
    office.deliver(order("1", "30"), order("2", "90"))
    office.write(kpis=at_least(50))
    assert [moved(office), moved(office)] == [-30, -30]
    done = CliRunner().invoke(main, ["apply", "--yes", "--why", "noise"], obj=office.app)
    assert done.exit_code == 0, done.output
    assert len(made) == 1
    assert office.value("turnover", "account", "2026-01", "acme").value == 90


def test_a_plan_of_anything_else_is_made_anew(office: Office, made: list[Plan]) -> None:
    """Another definition, other events, or another present state: each has a plan of its own."""
    office.deliver(order("1", "30"), order("2", "90"))
    office.write(kpis=at_least(50))
    assert moved(office) == -30
    office.write(kpis=at_least(100))
    assert moved(office) == -120
    office.deliver(order("3", "5"))
    assert moved(office) == -125
    office.apply()
    office.write(kpis=at_least(50))
    assert moved(office) == 90
    assert len(made) == 4


def test_a_plan_that_broke_off_or_was_damaged_is_made_anew(
    office: Office, made: list[Plan]
) -> None:
    """A file that can't be read costs nothing but time."""
    office.deliver(order("1", "30"), order("2", "90"))
    office.write(kpis=at_least(50))
    assert moved(office) == -30
    path = office.root / "state" / "plan.json"
    path.write_bytes(path.read_bytes()[:200])
    assert moved(office) == -30
    assert len(made) == 2
