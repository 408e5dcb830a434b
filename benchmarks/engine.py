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
from collections.abc import Callable
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
    with Courier() as courier:
        desk = Desk(selection, folder, courier)
        taken = [desk.seconds(account, _touch) for account in desk.accounts]
    tell(Result(seconds=median(taken), events=1))


def corrected(selection: str, folder: Path) -> None:
    """Correct one event and replay, likewise, each beside an append to the same account.

    The two take turns at being first, and the median is over the pairs: a machine that slows down
    for some seconds slows both.
    """
    with Courier() as courier:
        desk = Desk(selection, folder, courier)
        pairs = [_pair(desk, number, account) for number, account in enumerate(desk.accounts)]
    times = median(corrected / appended for corrected, appended in pairs)
    tell(Result(seconds=median(pair[0] for pair in pairs), events=1, times=times))


def _pair(desk: Desk, number: int, account: str) -> tuple[float, float]:
    """Return the seconds of a correction and of an append."""
    if number % 2:
        appended = desk.seconds(account, _touch)
        return desk.seconds(account, _correction), appended
    return desk.seconds(account, _correction), desk.seconds(account, _touch)


class Desk:
    """A folder that ``cold`` left, at which events come in one by one.

    Attributes:
        accounts: Accounts to which they may come.
    """

    def __init__(self, selection: str, folder: Path, courier: Courier) -> None:
        courier.start()
        self.workspace, self.packs = Workspace(folder), packs_of(selection)
        own_log(self.workspace)
        self.log = SQLiteEventLog(self.workspace.log_path)
        self.intake = Intake(self.packs, SETTINGS.calendar.time_zone)
        self.kpi = self.packs.kpis["customer_interaction_time"]
        calendar = SETTINGS.calendar
        self.window = calendar.window("2026-06", calendar.as_of(AS_OF, _now()))
        self.replayer = Replayer(self.workspace, self.packs, SETTINGS, courier)
        self.replayer.replay(_now())
        values = self.reader.values(self.kpi, "account", self.window)
        self.accounts = [v.subject for v in values if v.numerator][:TOUCHES]

    @property
    def reader(self) -> Reader:
        """What reads the values as they are by now."""
        return Reader(self.workspace, self.packs, SETTINGS)

    def seconds(self, account: str, line_of: LineOf) -> float:
        """Append a line and replay; return how long that took until its value was read.

        Raises:
            RuntimeError: The value isn't as much greater as the event says.
        """
        before = self.reader.explain(self.kpi, "account", self.window, account)
        line = msgspec.json.encode(line_of(account, self.log, before))
        start = time.perf_counter()
        with self.log.transaction() as transaction:
            Amender(self.intake).append(transaction, self.intake.admit(line).events)
        self.replayer.replay(_now())
        after = self.reader.value(self.kpi, "account", self.window, account)
        taken = time.perf_counter() - start
        if (after.numerator or 0) - (before.value.numerator or 0) != MINUTES:
            raise RuntimeError(f"the touch of {account} is missing from its value")
        return taken


def own_log(workspace: Workspace) -> None:
    """Let a folder have its log to itself: it was linked to the one that all share."""
    if workspace.log_path.stat().st_nlink > 1:
        private = workspace.log_path.with_suffix(".own")
        shutil.copyfile(workspace.log_path, private)
        private.replace(workspace.log_path)


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
