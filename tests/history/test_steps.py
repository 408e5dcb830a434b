"""Killed at each step that an apply has: readers see old or new, whole, and the next finishes."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import signal
from pathlib import Path
from typing import TypeAlias

import pytest

from kamengine.courier.client import Courier
from kamengine.history.ledger import Applying, appliances
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry
from kamengine.replay.steps import APPLY, Step, unheeded
from tests.bakery import FEW, event
from tests.history.crash import EARLIER, command, die_at, later
from tests.history.office import KPIS_YAML, Office

Shown: TypeAlias = tuple[str, ...]
"""What commands print to whoever reads."""

APPLYING = (
    *("apply", "--yes", "--by", "ada", "--why", "as agreed"),
    *("--effective-from", "2026-02-01"),
)

RECORDED = APPLY.index(Step.RECORDED)

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.history.crash"])  # what it imports, no process imports again

GRAINS = ("account", "organisation")


def command_dying_at(folder: Path, step: Step, after: Step | None, *words: str) -> None:
    """Run a command in a process of its own that is killed at a step; it must come to it."""
    arguments = (folder, step.name, after.name if after else "", *words)
    process = SERVER.Process(target=die_at, args=arguments)
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL, f"{step} never came"


def shown(folder: Path, registry: Registry) -> Shown:
    """Return what is printed of every KPI, of a scorecard, and of what a value is made of."""
    acme = ("--account", "acme", "--period", "2026-02")
    asked = [
        *(("values", "--kpi", kpi.id, "--by", grain) for kpi in FEW for grain in GRAINS),
        ("scorecard", *acme),
        ("explain", "--kpi", "turnover", *acme),
    ]
    return tuple(command(folder, registry, unheeded, *a, "--format", "json") for a in asked)


def runs(folder: Path) -> list[Applying]:
    """Return what was applied."""
    return appliances(SQLiteEventLog(folder / "events.db"))


@pytest.fixture(scope="module")
def agreed(tmp_path_factory: pytest.TempPathFactory, bakery_courier: Courier) -> Path:
    """A workspace with both state files, a config that was edited, and events not replayed yet."""
    office = Office(tmp_path_factory.mktemp("steps") / "office", bakery_courier, EARLIER)
    orders = [
        event(f"{m}", "order.placed", f"2026-0{m}-05", "acme", order=f"{m}", amount="30")
        for m in (1, 2)
    ]
    office.deliver(event("a", "customer.assigned", "2026-01-01", "acme", "kim"), orders[0])
    office.deliver(orders[1])
    office.write(kpis=KPIS_YAML.replace("target: 100", "target: 60"))
    office.app.log.append(
        [event("3", "order.placed", "2026-02-20", "acme", order="3", amount="15")]
    )
    return office.root


@pytest.fixture(scope="module")
def before(agreed: Path) -> Shown:
    """What is shown before anything is applied."""
    return shown(agreed, later())


@pytest.fixture(scope="module")
def outcome(agreed: Path, before: Shown, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """What is shown after an apply that nothing interrupts: 30 and 15 in February count twice."""
    folder = tmp_path_factory.mktemp("outcome") / "office"
    shutil.copytree(agreed, folder)
    command(folder, later(), unheeded, *APPLYING)
    found = shown(folder, later())
    assert before != found
    assert json.loads(found[-1])["value"]["value"] == 90
    return found


@pytest.fixture
def folder(agreed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(agreed, tmp_path / "office"))


@pytest.mark.parametrize("number", range(len(APPLY)), ids=lambda n: f"{n}-{APPLY[n].name}")
def test_an_apply_killed_at_a_step_shows_old_or_new_and_is_gone_on_with(
    folder: Path, before: Shown, outcome: Shown, number: int
) -> None:
    """Readers see old values by old definitions until the hand-over; the next apply finishes."""
    step = APPLY[number]
    command_dying_at(folder, step, Step.RECORDED if number > RECORDED else None, *APPLYING)
    assert len(runs(folder)) == (2 if number >= RECORDED else 1)
    assert shown(folder, later()) == (outcome if step.shown else before)
    command(folder, later(), unheeded, *APPLYING)
    assert len(runs(folder)) == 2
    assert shown(folder, later()) == outcome
    assert len(list((folder / "state").glob("*.duckdb"))) <= 2


def test_a_replay_finishes_an_apply_that_was_killed(folder: Path, outcome: Shown) -> None:
    """What is on record needs nobody's approval again."""
    command_dying_at(folder, Step.RENAMED, Step.RECORDED, *APPLYING)
    command(folder, later(), unheeded, "replay")
    assert shown(folder, later()) == outcome


def test_a_rollback_killed_after_its_record_goes_back_no_further(
    folder: Path, before: Shown
) -> None:
    """The same command once more finishes it; a third one undoes it."""
    command(folder, later(), unheeded, *APPLYING)
    back = ("rollback", "--yes", "--by", "ada", "--why", "too early")
    command_dying_at(folder, Step.DERIVED, Step.RECORDED, *back)
    assert len(runs(folder)) == 3
    command(folder, later(), unheeded, *back)
    assert len(runs(folder)) == 3
    labels = [[v["definition"] for v in json.loads(s[0])] for s in (before, shown(folder, later()))]
    assert set(labels[0]) == set(labels[1])
    command(folder, later(), unheeded, *back)
    assert len(runs(folder)) == 4


@pytest.mark.parametrize("step", [Step.HELD, Step.RECORDING, Step.RECORDED])
def test_a_first_replay_killed_as_it_puts_things_into_force_is_gone_on_with(
    tmp_path: Path, bakery_courier: Courier, step: Step
) -> None:
    """Nothing is to be read yet; the next replay brings it, and puts nothing on record twice."""
    office = Office(tmp_path / "office", bakery_courier, later())
    order = event("1", "order.placed", "2026-02-05", "acme", order="1", amount="30")
    office.app.log.append([order])
    command_dying_at(office.root, step, None, "replay")
    with pytest.raises(RuntimeError, match="Nothing was replayed yet"):
        shown(office.root, later())
    command(office.root, later(), unheeded, "replay")
    assert json.loads(shown(office.root, later())[-1])["value"]["value"] == 60
    assert len(runs(office.root)) == 1
