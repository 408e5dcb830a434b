"""What the tests of crashes run in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from kamengine.courier.client import Courier
from kamengine.errors import KamengineError
from kamengine.log.contract import NewEvent
from kamengine.replay import facts
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.replay.steps import Step
from kamengine.settings import Settings
from kamengine.workspace import Workspace
from tests.bakery import FEW, NOW, Pack, Shop, event, registry_of

SETTINGS = Settings(as_of="2026-12-31", kinds=("month", "year"))
ACCOUNTS = 60


def write(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def orders(prefix: str, start: int, count: int) -> list[NewEvent]:
    """Return orders of one coin each, so that the turnover is their number."""
    return [
        event(
            f"{prefix}{number}",
            "order.placed",
            f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}",
            f"account {number % ACCOUNTS}",
            "kim",
            order=f"{prefix}{number}",
            amount="1",
            bread="rye",
        )
        for number in range(start, start + count)
    ]


def shop_in(folder: Path, courier: Courier) -> Shop:
    return Shop(folder, courier, registry_of(Pack(kpis=FEW)), SETTINGS)


def replay(folder: Path, *, full: bool) -> None:
    """Replay once; say "started" so that whoever kills it knows when."""
    with Courier() as courier:
        shop = shop_in(folder, courier)
        write("started")
        write(shop.replay(full=full).position)


class SlicingCourier(Courier):
    """A courier whose batches are so small that a short log comes in many chunks.

    Args:
        rows: How many events a batch has, and with it a chunk.
    """

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.slice_rows = facts.CHUNK_ROWS = rows
        self.carried = 0

    def events(self, *arguments: Any, **options: Any) -> Iterator[pa.RecordBatch]:
        for batch in super().events(*arguments, **options):
            for start in range(0, batch.num_rows, self.slice_rows):
                part = batch.slice(start, self.slice_rows)
                self.carried += part.num_rows
                yield part


def dying_at(step: Step, times: int) -> Callable[[Step], None]:
    """Return what kills its own process, without a word, when a step comes for the n-th time."""
    seen: list[Step] = []

    def die(reached: Step) -> None:
        seen.append(reached)
        if seen.count(step) == times:
            os.kill(os.getpid(), signal.SIGKILL)

    return die


def die_at(folder: Path, step: Step, times: int, chunk_rows: int, *, full: bool) -> None:
    """Replay in small chunks, saving after each step, and die at one of them."""
    with SlicingCourier(chunk_rows) as courier:
        shop = shop_in(folder, courier)
        replayer = Replayer(
            shop.workspace,
            shop.registry,
            shop.settings,
            courier,
            on_step=dying_at(step, times),
            save_every=0,
        )
        write(replayer.replay(NOW, full=full).position)


def append(folder: Path, prefix: str, batches: int, size: int) -> None:
    """Append batches one after the other."""
    with Courier() as courier:
        shop = shop_in(folder, courier)
        for number in range(batches):
            shop.append(*orders(prefix, number * size, size))


def read(folder: Path, seconds: float) -> None:
    """Read in a loop; print how long the slowest answer took, and whatever didn't agree."""
    registry = registry_of(Pack(kpis=FEW))
    turnover = registry.kpi("turnover")
    window = SETTINGS.calendar.window("2026")
    slowest, count, complaints = 0.0, 0, []
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        started = time.monotonic()
        try:
            reader = Reader(Workspace(folder), registry, SETTINGS)
            explained = reader.explain(turnover, "organisation", window, "organisation")
        except KamengineError as error:
            complaints.append(str(error))
            continue
        took = time.monotonic() - started
        times.append(took)
        slowest, count = max(slowest, took), count + 1
        value = explained.value
        if not value.numerator == value.count == value.log_position == len(explained.evidence):
            complaints.append(
                f"{value.numerator} of {value.count} at {value.log_position},"
                f" {len(explained.evidence)} pieces of evidence"
            )
    median = sorted(times)[len(times) // 2] if times else None
    answer = {"count": count, "slowest": slowest, "median": median, "complaints": complaints[:5]}
    write(json.dumps(answer))


if __name__ == "__main__":
    what, folder = sys.argv[1], Path(sys.argv[2])
    match what:
        case "replay":
            replay(folder, full=sys.argv[3:] == ["full"])
        case "die":
            step, times, chunk_rows, how = sys.argv[3:]
            die_at(folder, Step[step], int(times), int(chunk_rows), full=how == "full")
        case "append":
            append(folder, sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
        case "read":
            read(folder, float(sys.argv[3]))
