"""The pytest plugin: fixtures for telling a story, for a pack's cases, and for an organisation.

pytest finds it by its entry point, and imports nothing of the engine until a test asks.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kamengine.courier.client import Courier
    from kamengine.plugins import Registry
    from kamengine.testing.cases import Case
    from kamengine.testing.organisation import Organisation
    from kamengine.testing.story import Story

MARK = "kam_cases"


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line(
        "markers", f"{MARK}(pack): run the test once for each case of a pack, as `kam_case`"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that is marked with a pack each of the pack's cases."""
    if "kam_case" not in metafunc.fixturenames:
        return
    from kamengine.testing.worked import case_files  # noqa: PLC0415 - only for who has cases

    marks = list(metafunc.definition.iter_markers(MARK))
    if not marks:
        raise pytest.UsageError(f"a test with `kam_case` needs @pytest.mark.{MARK}('the pack')")
    found = [
        pytest.param((file.kpi, case), id=f"{file.kpi}: {case.name}")
        for mark in marks
        for pack in mark.args
        for file in case_files(pack)
        for case in file.cases
    ]
    if not found:
        packs = ", ".join(str(pack) for mark in marks for pack in mark.args)
        raise pytest.UsageError(f"{packs}: no cases found; is it installed, with a folder `cases`?")
    metafunc.parametrize("kam_case", found, indirect=True)


@pytest.fixture(scope="session")
def kam_registry() -> Registry:
    """Every installed pack; one that couldn't be loaded is warned of."""
    from kamengine.plugins import load  # noqa: PLC0415 - see above

    registry = load()
    for pack in registry.quarantined:
        warnings.warn(f"the pack {pack.name} is quarantined: {pack.reason}", stacklevel=1)
    return registry


@pytest.fixture(scope="session")
def kam_courier() -> Iterator[Courier]:
    """The process that carries rows, one for all tests."""
    from kamengine.courier.client import Courier  # noqa: PLC0415 - see above

    with Courier() as courier:
        yield courier


@pytest.fixture
def kam(kam_registry: Registry, kam_courier: Courier, tmp_path: Path) -> Story:
    """An empty story: ``kam.given(...).as_of("2026-09-30").then("nps", period=..., value=...)``."""
    return _story(kam_registry, kam_courier, tmp_path)


@pytest.fixture
def kam_stories(
    kam_registry: Registry, kam_courier: Courier, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Story]:
    """A function that begins another story: for tests with Hypothesis, and for comparing two."""
    return lambda: _story(kam_registry, kam_courier, tmp_path_factory.mktemp("story"))


@pytest.fixture
def kam_case(
    request: pytest.FixtureRequest, kam_registry: Registry, kam_courier: Courier, tmp_path: Path
) -> list[str]:
    """What differs from what a case of the marked pack expects: ``assert kam_case == []``."""
    from kamengine.testing.cases import run_case  # noqa: PLC0415 - see above

    asked: tuple[str, Case] = request.param
    kpi, case = asked
    return list(run_case(case, kpi, kam_registry, tmp_path, kam_courier))


@pytest.fixture(scope="session")
def kam_organisation(
    kam_registry: Registry, kam_courier: Courier, tmp_path_factory: pytest.TempPathFactory
) -> Organisation:
    """A small organisation with a year of invented history, the same in every run."""
    from kamengine.testing.organisation import Organisation  # noqa: PLC0415 - see above

    return Organisation(tmp_path_factory.mktemp("organisation"), kam_registry, kam_courier)


def _story(registry: Registry, courier: Courier, folder: Path) -> Story:
    from kamengine.testing.story import Story  # noqa: PLC0415 - see above

    return Story(folder, registry, courier)
