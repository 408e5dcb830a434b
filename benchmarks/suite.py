"""What is measured, on which files, and what is to come of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from benchmarks import dataset
from benchmarks.measure import Figure, Run, figure, run
from kamengine.hookspecs import SimulationPlan

SIDECARS = ("", "-wal", "-shm", "-journal")


class Inputs(msgspec.Struct, frozen=True):
    """The files that measurements read, made before the first of them.

    Attributes:
        events: JSON lines.
        log: The same events as a log.
        store: The same events as the ``eventsourcing`` library stores them.
        statements: What the limit runs, file by file.
        catalogue: The same for the whole catalogue of KPIs.
        folder: Where the engine works; it may hold anything.
    """

    events: Path
    log: Path
    store: Path
    statements: tuple[Path, ...]
    catalogue: tuple[Path, ...]
    folder: Path


class Benchmark(msgspec.Struct, frozen=True):
    """A thing that is measured: a module of this package, run as a process.

    Attributes:
        name: What its figure is called.
        module: The module.
        arguments: What it is given.
        about: What it does, where the name doesn't say it.
    """

    name: str
    module: str
    arguments: Callable[[Inputs], tuple[str | Path, ...]]
    about: str = ""


class Target(msgspec.Struct, frozen=True):
    """What a figure is to reach, by itself or against another one of the same run.

    Attributes:
        title: What is asked for.
        of: The figure.
        measure: Which of its numbers.
        against: The figure that it is divided by, if any.
        least: The value must not be below it.
        most: The value must not be above it.
    """

    title: str
    of: str
    measure: Literal["events_per_second", "seconds", "peak_mb", "times"]
    against: str | None = None
    least: float | None = None
    most: float | None = None


class Verdict(msgspec.Struct, frozen=True):
    """A target, what came of it, and whether that is enough."""

    title: str
    value: float
    wanted: str
    met: bool


FOUNDATION, CATALOGUE = "foundation", "catalogue"

BENCHMARKS = (
    Benchmark("append", "engine", lambda i: ("append", FOUNDATION, i.events, i.folder / "append")),
    Benchmark("executemany", "append", lambda i: (i.events, fresh(i.log.with_suffix(".again")))),
    Benchmark("cold replay", "engine", lambda i: ("cold", FOUNDATION, i.log, i.folder / "replay")),
    Benchmark("limit", "limit", lambda i: (i.log, *i.statements)),
    Benchmark("edited KPI", "engine", lambda i: ("edited", FOUNDATION, i.folder / "replay")),
    Benchmark("freshness", "engine", lambda i: ("fresh", FOUNDATION, i.folder / "replay")),
    Benchmark("correction", "engine", lambda i: ("corrected", FOUNDATION, i.folder / "replay")),
    Benchmark(
        "plan and apply",
        "operating",
        lambda i: ("applied", FOUNDATION, i.folder / "replay"),
        about="edits one KPI's SQL, then runs `kamengine plan` and `kamengine apply`",
    ),
    Benchmark("one account", "operating", lambda i: ("account", FOUNDATION, i.folder / "replay")),
    Benchmark(
        "eventsourcing",
        "eventsourcing_fold",
        lambda i: ("fold", i.store, fresh(i.store.with_suffix(".values"))),
        about="reads and maps all events with the library, folds them in plain Python into the"
        " same values as the cold replay (all its KPIs, by account, manager, team, segment and"
        " organisation, in local months, for the owner of the time), and stores values and"
        " evidence in SQLite",
    ),
    Benchmark(
        "catalogue, cold replay",
        "engine",
        lambda i: ("cold", CATALOGUE, i.log, i.folder / "catalogue"),
    ),
    Benchmark("catalogue, limit", "limit", lambda i: (i.log, *i.catalogue)),
    Benchmark(
        "catalogue, edited KPI", "engine", lambda i: ("edited", CATALOGUE, i.folder / "catalogue")
    ),
    Benchmark(
        "catalogue, plan and apply",
        "operating",
        lambda i: ("applied", CATALOGUE, i.folder / "catalogue"),
    ),
    Benchmark(
        "catalogue, freshness", "engine", lambda i: ("fresh", CATALOGUE, i.folder / "catalogue")
    ),
    *(
        Benchmark(
            f"office, {what}",
            "office",
            lambda i, what=what: (what, i.log, i.folder / "office"),  # type: ignore[misc]
        )
        for what in ("account", "manager", "check", "report")
    ),
)

TARGETS = (
    Target(
        "append, against executemany",
        of="append",
        measure="events_per_second",
        against="executemany",
        least=0.5,
    ),
    Target(
        "cold replay, against the limit",
        of="cold replay",
        measure="events_per_second",
        against="limit",
        least=0.6,
    ),
    Target(
        "cold replay, against eventsourcing",
        of="cold replay",
        measure="events_per_second",
        against="eventsourcing",
        least=4.0,
    ),
    Target(
        "one edited KPI, against the cold replay",
        of="edited KPI",
        measure="seconds",
        against="cold replay",
        most=0.1,
    ),
    Target(
        "one corrected event, against one appended beside it",
        of="correction",
        measure="times",
        most=1.1,
    ),
    Target(
        "one edited KPI, planned and applied, against the cold replay",
        of="plan and apply",
        measure="seconds",
        against="cold replay",
        most=0.1,
    ),
    Target("one account made anew, in seconds", of="one account", measure="seconds", most=1.0),
    Target("freshness, in seconds", of="freshness", measure="seconds", most=0.3),
    Target("peak memory of the cold replay, in MB", of="cold replay", measure="peak_mb", most=1500),
    Target(
        "catalogue: cold replay, against the limit",
        of="catalogue, cold replay",
        measure="events_per_second",
        against="catalogue, limit",
        least=0.5,
    ),
    Target(
        "catalogue: one edited KPI, against the cold replay",
        of="catalogue, edited KPI",
        measure="seconds",
        against="catalogue, cold replay",
        most=0.1,
    ),
    Target(
        "scorecard of one account, in seconds", of="office, account", measure="seconds", most=0.3
    ),
    Target(
        "scorecard of one manager, in seconds", of="office, manager", measure="seconds", most=0.3
    ),
    Target("config check, in seconds", of="office, check", measure="seconds", most=1),
    Target(
        "report of the organisation, in seconds", of="office, report", measure="seconds", most=60
    ),
    Target(
        "catalogue: one edited KPI, planned and applied, against the cold replay",
        of="catalogue, plan and apply",
        measure="seconds",
        against="catalogue, cold replay",
        most=0.1,
    ),
)
"""What the project promises. A target whose figures weren't measured is left out."""


def prepare(plan: SimulationPlan) -> Inputs:
    """Make the files that measurements read, by the code as it is now."""
    events = dataset.prepare(plan)
    decoding = events.with_suffix(".decoding.json")
    log, store = fresh(events.with_suffix(".log")), fresh(events.with_suffix(".store"))
    counting = events.with_suffix(".counting.json")
    counting_all = events.with_suffix(".catalogue.json")
    run("decoding", decoding)
    run("counting", FOUNDATION, plan.first_day, counting)
    run("counting", CATALOGUE, plan.first_day, counting_all)
    run("append", events, log)
    run("eventsourcing_fold", "write", events, store)
    shutil.rmtree(events.with_suffix(".work") / "office", ignore_errors=True)
    return Inputs(
        events,
        log,
        store,
        (decoding, counting),
        (decoding, counting_all),
        events.with_suffix(".work"),
    )


def measure_all(
    inputs: Inputs, benchmarks: tuple[Benchmark, ...], runs: int
) -> Iterator[tuple[str, Figure | None]]:
    """Measure everything in turn, then again, so that a slow moment of the machine hits all alike.

    Yields:
        The name of what runs next, with no figure yet; at the end every name with its figure.
    """
    measured: dict[str, list[Run]] = {benchmark.name: [] for benchmark in benchmarks}
    for _ in range(runs):
        for benchmark in benchmarks:
            yield benchmark.name, None
            arguments = benchmark.arguments(inputs)
            measured[benchmark.name].append(run(benchmark.module, *arguments))
    yield from ((name, figure(name, found)) for name, found in measured.items())


def judge(figures: dict[str, Figure]) -> list[Verdict]:
    """Hold figures against the targets that speak of them."""
    verdicts = []
    for target in TARGETS:
        if target.of in figures and (target.against or target.of) in figures:
            value = getattr(figures[target.of], target.measure)
            if target.against:
                value /= getattr(figures[target.against], target.measure)
            met = (target.least or 0) <= value <= (target.most or value)
            wanted = f"≥ {target.least:g}" if target.least else f"≤ {target.most:g}"
            verdicts.append(Verdict(target.title, value, wanted, met))
    return verdicts


def fresh(path: Path) -> Path:
    """Remove a database with what SQLite leaves beside it, and return its path."""
    for ending in SIDECARS:
        Path(f"{path}{ending}").unlink(missing_ok=True)
    return path
