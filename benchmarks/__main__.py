"""``python -m benchmarks``: measure, print a table, write and print the figures as JSON."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks.dataset import PLAN, scaled
from benchmarks.measure import Figure
from benchmarks.suite import BENCHMARKS, Verdict, judge, measure_all, prepare
from kamengine.hookspecs import SimulationPlan

RESULTS = Path(__file__).parent / "results"
NAMES = [benchmark.name for benchmark in BENCHMARKS]


class Report(msgspec.Struct, frozen=True):
    """All that was measured, and where."""

    measured_at: datetime
    machine: str
    processors: int | None
    python: str
    plan: SimulationPlan
    figures: list[Figure]
    about: dict[str, str]
    targets: list[Verdict]


@click.command()
@click.option("--events", default=PLAN.events, show_default=True, help="About how many events.")
@click.option("--runs", default=3, show_default=True, help="How often each thing is measured.")
@click.option("--only", multiple=True, type=click.Choice(NAMES), help="Measure this alone.")
def main(events: int, runs: int, only: tuple[str, ...]) -> None:
    """Measure speed and memory; exit with 1 where a target is missed."""
    console = Console(stderr=True)
    plan = scaled(events)
    with console.status("making the events"):
        inputs = prepare(plan)
    chosen = tuple(b for b in BENCHMARKS if not only or b.name in only)
    figures: dict[str, Figure] = {}
    with console.status("measuring") as status:
        for name, figure in measure_all(inputs, chosen, runs):
            status.update(f"measuring {name}")
            if figure:
                figures[name] = figure
    report = Report(
        datetime.now(UTC),
        platform.platform(),
        os.cpu_count(),
        platform.python_version(),
        plan,
        list(figures.values()),
        {b.name: b.about for b in chosen if b.about},
        judge(figures),
    )
    _show(console, report)
    _keep(report)
    sys.exit(any(not verdict.met for verdict in report.targets))


def _show(console: Console, report: Report) -> None:
    figures = Table(title=f"{report.plan.events:,} events, medians")
    for column in ("", "seconds", "events/s", "peak MB", "runs"):
        figures.add_column(column, justify="right" if column else "left")
    for figure in report.figures:
        figures.add_row(
            figure.name,
            f"{figure.seconds:.2f}",
            f"{figure.events_per_second:,.0f}",
            f"{figure.peak_mb:,.0f}",
            str(len(figure.runs)),
        )
    console.print(figures)
    for name, about in report.about.items():
        console.print(f"{name}: {about}")
    if report.targets:
        targets = Table("target", "value", "wanted", "")
        for verdict in report.targets:
            met = "met" if verdict.met else "[bold red]missed[/]"
            targets.add_row(verdict.title, f"{verdict.value:,.3g}", verdict.wanted, met)
        console.print(targets)


def _keep(report: Report) -> None:
    text = msgspec.json.format(msgspec.json.encode(report))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{report.measured_at:%Y-%m-%dT%H%M%S}.json").write_bytes(text)
    (RESULTS / "latest.json").write_bytes(text)
    sys.stdout.write(text.decode() + "\n")


if __name__ == "__main__":
    main()
