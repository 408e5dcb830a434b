"""The engine itself: appending, replaying everything, replaying one edited KPI, freshness.

    python -m benchmarks.engine append foundation EVENTS.jsonl FOLDER
    python -m benchmarks.engine cold foundation|catalogue EVENTS.db FOLDER
    python -m benchmarks.engine edited foundation|catalogue FOLDER
    python -m benchmarks.engine fresh foundation|catalogue FOLDER
    python -m benchmarks.engine corrected foundation|catalogue FOLDER

The second word says which KPIs are there; see `selection`. ``edited``, ``fresh`` and ``corrected``
work on the folder that ``cold`` left.
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
from typing import TypeAlias

import msgspec

from benchmarks.result import Result, tell
from benchmarks.selection import AS_OF, SETTINGS
from benchmarks.selection import packs as packs_of
from kamengine.courier.client import Courier
from kamengine.log.amendments import Amender
from kamengine.log.contract import EventFilter
from kamengine.log.intake import Intake
from kamengine.log.loading import Source, load
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry
from kamengine.replay.contribution import Explanation
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.workspace import Workspace

EDITED = "inbound_interaction_share"
"""A KPI over touches, the largest part of the log."""

TOUCHES = 15
MINUTES = 60
SIDECARS = ("", "-wal", "-shm")

LineOf: TypeAlias = Callable[[str, SQLiteEventLog, Explanation], dict[str, object]]
"""Makes a line for an account, given the log and what a value of it rests on."""


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
    _amid(selection, folder, _touch)


def corrected(selection: str, folder: Path) -> None:
    """Correct one event and replay, until its values are read; likewise."""
    _amid(selection, folder, _correction)


def _amid(selection: str, folder: Path, line_of: LineOf) -> None:
    workspace, packs = Workspace(folder), packs_of(selection)
    private = workspace.log_path.with_suffix(".own")
    shutil.copyfile(workspace.log_path, private)  # it was linked to the log that all share
    private.replace(workspace.log_path)
    with Courier() as courier:
        courier.start()
        taken = list(_freshness(workspace, packs, courier, line_of))
    tell(Result(seconds=median(taken), events=1))


def _freshness(
    workspace: Workspace, packs: Registry, courier: Courier, line_of: LineOf
) -> Iterator[float]:
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
        before = Reader(workspace, packs, SETTINGS).explain(kpi, "account", window, account)
        line = msgspec.json.encode(line_of(account, log, before))
        start = time.perf_counter()
        with log.transaction() as transaction:
            Amender(intake).append(transaction, intake.admit(line).events)
        replayer.replay(_now())
        after = Reader(workspace, packs, SETTINGS).value(kpi, "account", window, account)
        yield time.perf_counter() - start
        if (after.numerator or 0) - (before.value.numerator or 0) != MINUTES:
            raise RuntimeError(f"the touch of {account} is missing from its value")


def _touch(account: str, _: SQLiteEventLog, __: Explanation) -> dict[str, object]:
    return {
        "id": uuid.uuid4().hex,
        "type": "touch.logged",
        "account_id": account,
        "manager_id": "kim-01",
        "occurred_at": "2026-06-29T12:00:00Z",
        "data": {"channel": "call", "minutes": MINUTES},
    }


def _correction(_: str, log: SQLiteEventLog, known: Explanation) -> dict[str, object]:
    """Make one of the touches behind a value longer, if no earlier run has done it."""
    behind = (p for row in known.evidence for p in row.positions if row.numerator)
    position = next(p for p in behind if p not in known.corrections)
    event = next(log.events(EventFilter(after=position - 1)))
    data = msgspec.json.decode(event.data)
    return {
        "id": uuid.uuid4().hex,
        "type": "event.corrected",
        "occurred_at": "2026-06-30T12:00:00Z",
        "data": {"target_id": event.id, "data": data | {"minutes": data["minutes"] + MINUTES}},
    }


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
    "corrected": corrected,
}

if __name__ == "__main__":
    main()
