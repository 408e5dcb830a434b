"""States of the past: the log as it stood then, by the definitions asked for.

A past state is made by the same replay as the present one, of the same events up to a position,
so that it gives the same answers as were given then. What was asked for once is kept for a while.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path

import msgspec

from kamengine import sql
from kamengine.courier.client import Courier
from kamengine.history.definitions import Definitions
from kamengine.plugins import Registry
from kamengine.replay.narrowing import narrowed
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.replay.staleness import Progress
from kamengine.workspace import Workspace

KEPT = 16
"""Past states that are kept; of any other, a replay brings back the same answers."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """From where a question is asked.

    Attributes:
        position: The last event that was known.
        as_of: The last day that counts in a period still open.
        apply: The run of ``apply`` whose definitions and config hold.
        selecting: SQL over the log's columns: which of the events up to there count.
    """

    position: int
    as_of: dt.date
    apply: str
    selecting: str = "TRUE"


def look_back(
    workspace: Workspace,
    definitions: Definitions,
    moment: Moment,
    kpis: Iterable[str],
    progress: Progress = lambda _stage, _done, _total: None,
) -> Reader:
    """Return a reader of a past state, after making it where it isn't kept.

    Args:
        workspace: The folder.
        definitions: What is to hold.
        moment: From where the question is asked.
        kpis: The KPIs that are asked about; others have no values there.
        progress: Told of each stage.

    Raises:
        ReplayError: It can't be made.
    """
    asked = sorted(set(kpis))
    registry = narrowed(definitions.registry, asked, definitions.settings, beside=ALWAYS)
    when = (str(moment.position), str(moment.as_of), moment.apply, moment.selecting)
    key = sql.fingerprint(*when, *asked)
    place = workspace.past_dir / key
    if not place.exists():
        _make(workspace, place, definitions, registry, moment, progress)
        _forget(workspace.past_dir)
    os.utime(place)
    there = msgspec.structs.replace(workspace, derived=place)
    return Reader(there, registry, definitions.settings)


ALWAYS = ("managers", "team_membership")
"""Who answered for whom is asked of any state, whatever the KPI."""


def _make(
    workspace: Workspace,
    place: Path,
    definitions: Definitions,
    registry: Registry,
    moment: Moment,
    progress: Progress,
) -> None:
    """Replay into a folder of its own, which takes its name when it is whole."""
    building = workspace.past_dir / f"{place.name}.{uuid.uuid4().hex[:8]}"
    building.mkdir(parents=True)
    try:
        there = msgspec.structs.replace(workspace, derived=building)
        with Courier(moment.selecting) as courier:
            replayer = Replayer(there, registry, definitions.settings, courier, progress)
            now = dt.datetime.combine(moment.as_of, dt.time(), dt.UTC)
            replayer.replay(now, as_of=moment.as_of.isoformat(), upto=moment.position)
        if not place.exists():  # somebody else may have asked the same
            building.rename(place)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _forget(folder: Path) -> None:
    """Delete all but the states that were asked for last."""
    states = sorted(folder.iterdir(), key=lambda state: state.stat().st_mtime, reverse=True)
    for state in states[KEPT:]:
        shutil.rmtree(state, ignore_errors=True)
