"""The third-party pack's own cases, and its simulation."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import kam_events
from kamengine.courier.client import Courier
from kamengine.hookspecs import SimulationPlan
from kamengine.log.intake import Intake
from kamengine.plugins import Registry
from kamengine.testing.cases import Case, read_cases, run_case
from tests.bakery import NOW

FIELD = Path(__file__).parent / "field"
CASES = [
    pytest.param(file.kpi, case, id=f"{file.kpi}: {case.name}")
    for file in map(read_cases, sorted((FIELD / "kam_field" / "cases").glob("*.yaml")))
    for case in file.cases
]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """The vocabulary and the pack, loaded from its folder."""
    monkeypatch.syspath_prepend(FIELD)
    import kam_field  # noqa: PLC0415 - it can be found only now

    found = Registry()
    assert found.add("kam_events", kam_events).reason is None
    pack = found.add("kam_field", kam_field)
    assert (pack.reason, pack.warnings) == (None, ())
    return found


@pytest.mark.parametrize(("kpi", "case"), CASES)
def test_case(
    kpi: str, case: Case, registry: Registry, tmp_path: Path, bakery_courier: Courier
) -> None:
    """Its KPIs give what was worked out by hand."""
    assert list(run_case(case, kpi, registry, tmp_path, bakery_courier)) == []


def test_every_kpi_of_the_pack_has_cases(registry: Registry) -> None:
    """A KPI that is deprecated has some, too."""
    own = {k for k in registry.kpis if registry.pack_of[f"kpis:{k}"] == "kam_field"}
    assert own == {str(case.values[0]) for case in CASES}
    assert len(own) == 3


def test_its_simulation_invents_events_that_are_fit(registry: Registry) -> None:
    """As many as are asked for, in their order."""
    lines = list(registry.simulations["rounds"].lines(SimulationPlan(events=9, accounts=4)))
    admitted = Intake(registry, ZoneInfo("UTC"), lambda: NOW).admit(b"\n".join(lines))
    assert len(admitted.events) == 9
    assert admitted.rejections == []
    assert [json.loads(line)["id"] for line in lines] == [f"visit-{i}" for i in range(9)]
