"""The engine itself: appending, replaying everything, replaying one edited KPI, freshness.

    python -m benchmarks.engine append foundation EVENTS.jsonl FOLDER
    python -m benchmarks.engine cold foundation|catalogue EVENTS.db FOLDER
    python -m benchmarks.engine edited foundation|catalogue FOLDER
    python -m benchmarks.engine fresh foundation|catalogue FOLDER

The second word says which KPIs are there; see `selection`. ``edited`` and ``fresh`` work on the
folder that ``cold`` left.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.result import Result, tell
from benchmarks.selection import AS_OF, SETTINGS
from benchmarks.selection import packs as packs_of
from kamengine.courier.client import Courier
from kamengine.log.intake import Intake
from kamengine.log.loading import Source, load
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.workspace import Workspace

EDITED = "inbound_interaction_share"
"""A KPI over touches, the largest part of the log."""

TOUCHES = 15
SIDECARS = ("", "-wal", "-shm")


def main() -> None:
    """Run one measurement."""
    what, selection, *paths = sys.argv[1:]
    MEASUREMENTS[what](selection, *map(Path, paths))


def append(selection: str, events: Path, folder: Path) -> None:
    """Append a file as `kamengine events append` does."""
    workspace = _emptied(folder)
    log, packs = SQLiteEventLog(workspace.log_path), packs_of(selection)
    intake = Intake(packs, SETTINGS.calendar.time_zone)
    rejects = folder / "rejected.jsonl"
    start = time.perf_counter()
    source = Source(str(events), lambda: events.open("rb"), rejects, rejects)
    loaded = load(log, intake, [source])[0]
    tell(Result(seconds=time.perf_counter() - start, events=loaded.appended))


def cold(selection: str, database: Path, folder: Path) -> None:
    """Replay a whole log into values, with nothing derived there before."""
    workspace = _emptied(folder)
    for ending in SIDECARS:
        beside = Path(f"{database}{ending}")
        if beside.exists():
            os.link(beside, f"{workspace.log_path}{ending}")
    packs = packs_of(selection)
    start = time.perf_counter()
    with Courier() as courier:
        done = Replayer(workspace, packs, SETTINGS, courier).replay(_now())
    seconds = time.perf_counter() - start
    if done.parked:
        raise RuntimeError(done.parked)
    tell(Result(seconds=seconds, events=done.events))


def edited(selection: str, folder: Path) -> None:
    """Replay after one KPI's SQL was edited."""
    workspace, packs = Workspace(folder), packs_of(selection)
    kpi = packs.kpis[EDITED]
    # each run differs from the one before, or there would be nothing to redo
    condition = f"\nWHERE '{uuid.uuid4().hex}' <> ''"
    packs.kpis[EDITED] = msgspec.structs.replace(kpi, sql=f"SELECT * FROM ({kpi.sql}){condition}")
    start = time.perf_counter()
    with Courier() as courier:
        done = Replayer(workspace, packs, SETTINGS, courier).replay(_now())
    seconds = time.perf_counter() - start
    if done.recomputed != (EDITED,):
        raise RuntimeError(done.recomputed)
    with Courier() as courier:  # back to the definition as it was, for the next measurement
        Replayer(workspace, packs_of(selection), SETTINGS, courier).replay(_now())
    tell(Result(seconds=seconds, events=done.position))


def fresh(selection: str, folder: Path) -> None:
    """Append one event and replay, until its values are read; the median of several."""
    workspace, packs = Workspace(folder), packs_of(selection)
    private = workspace.log_path.with_suffix(".own")
    shutil.copyfile(workspace.log_path, private)  # it was linked to the log that all share
    private.replace(workspace.log_path)
    with Courier() as courier:
        courier.start()
        taken = list(_freshness(workspace, packs, courier))
    tell(Result(seconds=median(taken), events=1))


def _freshness(workspace: Workspace, packs: Registry, courier: Courier) -> Iterator[float]:
    log = SQLiteEventLog(workspace.log_path)
    intake = Intake(packs, SETTINGS.calendar.time_zone)
    kpi = packs.kpis["customer_interaction_time"]
    window = SETTINGS.calendar.window("2026-06", SETTINGS.calendar.as_of(AS_OF, _now()))
    replayer = Replayer(workspace, packs, SETTINGS, courier)
    replayer.replay(_now())
    accounts = [
        v.subject for v in Reader(workspace, packs, SETTINGS).values(kpi, "account", window)
    ]
    for account in accounts[:TOUCHES]:
        line = msgspec.json.encode(
            {
                "id": uuid.uuid4().hex,
                "type": "touch.logged",
                "account_id": account,
                "manager_id": "kim-01",
                "occurred_at": "2026-06-29T12:00:00Z",
                "data": {"channel": "call", "minutes": 60},
            }
        )
        before = Reader(workspace, packs, SETTINGS).value(kpi, "account", window, account)
        start = time.perf_counter()
        log.append(intake.admit(line).events)
        replayer.replay(_now())
        after = Reader(workspace, packs, SETTINGS).value(kpi, "account", window, account)
        yield time.perf_counter() - start
        if (after.numerator or 0) - (before.numerator or 0) != 60:
            raise RuntimeError(f"the touch of {account} is missing from its value")


def _emptied(folder: Path) -> Workspace:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return Workspace(folder)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


MEASUREMENTS: dict[str, Callable[..., None]] = {
    "append": append,
    "cold": cold,
    "edited": edited,
    "fresh": fresh,
}

if __name__ == "__main__":
    main()
