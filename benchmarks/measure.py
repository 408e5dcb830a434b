"""Running a command in a process of its own, again and again, and taking the median."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import msgspec
import psutil

from benchmarks.result import hear

ROOT = Path(__file__).parent.parent
SAMPLED_EVERY = 0.02
MEGABYTE = 1e6


class Run(msgspec.Struct, frozen=True):
    """One run of a command.

    Attributes:
        seconds: How long the measured part took, by the process's own clock.
        wall: How long the whole process took.
        events: How many events it dealt with.
        peak_mb: The most memory that it and its children had resident together.
        times: How many times as long it took as what it was measured beside, if there was that.
    """

    seconds: float
    wall: float
    events: int
    peak_mb: float
    times: float = 0.0


class Figure(msgspec.Struct, frozen=True):
    """What was measured of one thing: medians over its runs.

    Attributes:
        name: What it is called in tables and ratios.
        seconds: The measured part.
        wall: The whole process.
        events_per_second: Events over measured seconds.
        peak_mb: The most memory of the median run.
        times: How many times as long it took as what it was measured beside; 0 for nothing.
        runs: Each run.
    """

    name: str
    seconds: float
    wall: float
    events_per_second: float
    peak_mb: float
    times: float
    runs: tuple[Run, ...]


def figure(name: str, runs: list[Run]) -> Figure:
    """Sum runs of the same thing up."""
    seconds = median(run.seconds for run in runs)
    return Figure(
        name=name,
        seconds=seconds,
        wall=median(run.wall for run in runs),
        events_per_second=runs[0].events / seconds,
        peak_mb=median(run.peak_mb for run in runs),
        times=median(run.times for run in runs),
        runs=tuple(runs),
    )


def run(module: str, *arguments: str | Path) -> Run:
    """Run a module of this package as a process and watch its time and memory.

    Raises:
        RuntimeError: It failed; what it wrote to stderr has been shown.
    """
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    # what is installed has its bytecode; without it, each process would compile every module anew
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=environment) as process:
        peak = _watch(process)
        output = process.stdout.read() if process.stdout else b""
    wall = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with exit code {process.returncode}")
    result = hear(output)
    return Run(result.seconds, wall, result.events, peak / MEGABYTE, result.times or 0.0)


def _watch(process: subprocess.Popen[bytes]) -> int:
    """Return the most memory that a process and its children were seen to have, in bytes."""
    peak, watched = 0, psutil.Process(process.pid)
    while process.poll() is None:
        peak = max(peak, sum(map(_resident, _family(watched))))
        time.sleep(SAMPLED_EVERY)
    return peak


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
