"""Killed at each step that a replay has: readers see old or new, whole, and the next completes."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner

from kamengine.cli import main
from kamengine.cli.context import App
from kamengine.courier.client import Courier
from kamengine.errors import ReplayError
from kamengine.kpi import SUBJECT_TYPES, SubjectType
from kamengine.replay.steps import REPLAY, Step
from tests.bakery import NOW, Shop, event
from tests.replay.crash import orders, shop_in

BASE, NEW = 3_000, 1_200
CHUNK = 400
Shown: TypeAlias = dict[tuple[str, SubjectType], str]
"""What `values` prints, by KPI and grain."""

ORGANISATION = """
name: Bakery
reporting_currency: EUR
time_zone: UTC
periods: [month, year]
as_of: 2026-12-31
"""


def replay_dying_at(folder: Path, step: Step, *, full: bool, times: int = 1) -> None:
    """Replay in a process of its own that is killed at a step; it must come to it."""
    how = "full" if full else "catching up"
    arguments = ["die", folder, step.name, times, CHUNK, how]
    command = [sys.executable, "-m", "tests.replay.crash", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL, f"{step} never came: {done.stdout}{done.stderr}"


def shown(shop: Shop) -> Shown:
    """Return what `values --format json` prints, KPI by KPI and grain by grain."""
    printed = {}
    for kpi in shop.registry.kpis:
        for grain in SUBJECT_TYPES:
            app = App(shop.workspace.root, shop.registry, lambda: NOW)
            command = ["values", "--kpi", kpi, "--by", grain, "--format", "json"]
            result = CliRunner().invoke(main, command, obj=app)
            assert result.exit_code == 0, result.output
            printed[kpi, grain] = result.stdout
    return printed


@pytest.fixture(scope="module")
def lagging(tmp_path_factory: pytest.TempPathFactory, bakery_courier: Courier) -> Path:
    """A workspace with both state files, whose log has events that weren't replayed."""
    folder = tmp_path_factory.mktemp("steps") / "shop"
    shop = shop_in(folder, bakery_courier)
    (folder / "config").mkdir()
    (folder / "config" / "organisation.yaml").write_text(ORGANISATION)
    shop.append(event("owner", "customer.assigned", "2026-01-01", "account 1", "lee"))
    shop.deliver(*orders("base", 0, BASE))
    shop.deliver(*orders("more", 0, 50))
    shop.append(*orders("new", 0, NEW))
    shop.append(event("merge", "customer.merged", "2026-03-01", "account 2", into="account 3"))
    return folder


@pytest.fixture
def shop(lagging: Path, tmp_path: Path, bakery_courier: Courier) -> Shop:
    shutil.copytree(lagging, tmp_path / "shop")
    return shop_in(tmp_path / "shop", bakery_courier)


@pytest.fixture(scope="module")
def outcome(
    lagging: Path, tmp_path_factory: pytest.TempPathFactory, bakery_courier: Courier
) -> Shown:
    """What is shown when everything was made from nothing, without a break."""
    folder = tmp_path_factory.mktemp("outcome") / "shop"
    shutil.copytree(lagging, folder)
    rebuilt = shop_in(folder, bakery_courier)
    rebuilt.replay(full=True)
    return shown(rebuilt)


@pytest.mark.parametrize("full", [False, True], ids=["catching up", "rebuilding"])
@pytest.mark.parametrize("step", REPLAY, ids=lambda step: step.name)
def test_a_replay_killed_at_a_step_shows_old_or_new_and_is_gone_on_with(
    shop: Shop, outcome: Shown, step: Step, *, full: bool
) -> None:
    """Readers see the old values until the hand-over, byte by byte; the next replay completes."""
    before = shown(shop)
    assert before != outcome
    replay_dying_at(shop.workspace.root, step, full=full)
    assert shown(shop) == (outcome if step.shown else before)
    assert shop.replay(full=full).parked == {}
    assert shown(shop) == outcome
    assert len(list(shop.workspace.state_dir.glob("*.duckdb"))) <= 2


@pytest.mark.parametrize("step", [s for s in REPLAY if not s.shown], ids=lambda step: step.name)
def test_a_first_replay_killed_at_a_step_is_gone_on_with(
    shop: Shop, outcome: Shown, step: Step
) -> None:
    """There is nothing to be seen yet; another replay brings it."""
    shutil.rmtree(shop.workspace.state_dir)
    shop.workspace.values_path.unlink()
    replay_dying_at(shop.workspace.root, step, full=False)
    with pytest.raises(ReplayError, match="Nothing was replayed yet"):
        shop.reader()
    shop.replay()
    assert shown(shop) == outcome
