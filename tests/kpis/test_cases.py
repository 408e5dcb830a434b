"""Every KPI's cases: given these events, the hand-worked values."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamengine.courier.client import Courier
from kamengine.plugins import Registry
from kamengine.testing.cases import Case, read_cases, run_case

PLUGINS = Path(__file__).parents[2] / "plugins"
FILES = sorted(PLUGINS.glob("*/cases/*.yaml"))
CASES = [
    pytest.param(file.kpi, case, id=f"{file.kpi}: {case.name}")
    for file in map(read_cases, FILES)
    for case in file.cases
]


@pytest.mark.parametrize(("kpi", "case"), CASES)
def test_case(kpi: str, case: Case, registry: Registry, tmp_path: Path, courier: Courier) -> None:
    """The engine's values are those worked out by hand."""
    assert list(run_case(case, kpi, registry, tmp_path, courier)) == []


def test_every_kpi_has_cases(registry: Registry) -> None:
    """No KPI goes without hand-worked cases, and no file names a KPI that isn't there."""
    assert {path.stem for path in FILES} == set(registry.kpis)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_named_after_its_kpi(path: Path) -> None:
    """A reader finds a KPI's cases by its id."""
    assert read_cases(path).kpi == path.stem
