"""An apply in a process of its own, which dies at one of its steps."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import msgspec
from click.testing import CliRunner

from kamengine.cli import main
from kamengine.cli.context import App
from kamengine.history import plan
from kamengine.plugins import Registry
from kamengine.replay import replay
from kamengine.replay.steps import OnStep, Step
from tests.bakery import FEW, ORDERS, TURNOVER, at
from tests.history.office import registry_with

NOW = at("2026-03-02T09:00")

EARLIER = registry_with(*FEW)


def later() -> Registry:
    """Return definitions of which a KPI and a projection below all of them were edited."""
    doubled = msgspec.structs.replace(
        TURNOVER, sql=TURNOVER.sql.replace("amount AS", "2 * amount AS"), version=2
    )
    registry = registry_with(doubled, *FEW[1:])
    registry.projections["orders"] = msgspec.structs.replace(
        ORDERS, sql=ORDERS.sql.replace("recency = 1", "recency = 1 AND placed.amount < 1000")
    )
    return registry


def dying_at(step: Step, after: Step | None) -> OnStep:
    """Return what kills its own process, without a word, when a step comes after another one."""
    seen: list[Step | None] = [None]

    def die(reached: Step) -> None:
        if reached is step and after in seen:
            os.kill(os.getpid(), signal.SIGKILL)
        seen.append(reached)

    return die


def command(folder: Path, registry: Registry, on_step: OnStep, *words: str) -> str:
    """Run a command and return what it printed on stdout; it must succeed.

    Raises:
        RuntimeError: It didn't.
    """
    app = App(folder, registry, lambda: NOW, on_step=on_step)
    done = CliRunner().invoke(main, words, obj=app, catch_exceptions=False)
    if done.exit_code != 0:
        raise RuntimeError(done.output)
    return done.stdout


def die_at(folder: Path, step: str, after: str, *words: str) -> None:
    """Run a command that saves after each step of its replays, and die at one of them."""
    saving = partial(replay.Replayer, save_every=0)
    for module in (plan, replay):
        vars(module)["Replayer"] = saving
    die = dying_at(Step[step], Step[after] if after else None)
    command(folder, later(), die, *words)
