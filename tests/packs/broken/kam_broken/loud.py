"""Loads, and fails whenever it is asked for something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

import click

from kamengine import (
    Importer,
    Linted,
    LintFinding,
    LintRule,
    Notice,
    Notifier,
    OutputFormat,
    Simulation,
    SimulationPlan,
    Table,
    hookimpl,
)

kamengine_api = "1.0"


def _lint(linted: Linted) -> list[LintFinding]:
    raise KeyError(min(linted.kpis))


def _read(path: Path) -> Table:
    raise ValueError(f"{path.name} is not for me")


def _notify(notice: Notice) -> None:
    raise ConnectionError(f"nobody hears of {notice.position}")


def _write(rows: Iterable[Mapping[str, object]], columns: Sequence[str], out: TextIO) -> None:
    raise RuntimeError("no room")


def _lines(plan: SimulationPlan) -> Iterable[bytes]:
    raise RuntimeError(f"seed {plan.seed} does not grow")


@click.command("loud")
def _loud() -> None:
    """Fail."""
    raise ZeroDivisionError("aloud")


@hookimpl
def kamengine_lint_rules() -> list[LintRule]:
    return [LintRule(name="loud-rule", doc="Fails.", check=_lint)]


@hookimpl
def kamengine_importers() -> list[Importer]:
    return [Importer(name="loud-reader", doc="Fails.", read=_read)]


@hookimpl
def kamengine_notifiers() -> list[Notifier]:
    return [Notifier(name="loud-notifier", doc="Fails.", notify=_notify)]


@hookimpl
def kamengine_output_formats() -> list[OutputFormat]:
    return [OutputFormat(name="loud-format", doc="Fails.", write=_write)]


@hookimpl
def kamengine_simulations() -> list[Simulation]:
    return [Simulation(name="loud-simulation", doc="Fails.", lines=lambda plan: iter(_lines(plan)))]


@hookimpl
def kamengine_commands() -> list[click.Command]:
    return [_loud]
