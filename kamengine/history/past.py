"""States of the past: the log as it stood then, by the definitions asked for.

A past state is made by the same replay as the present one, of the same events up to a position,
so that it gives the same answers as were given then. What was asked for once is kept for a while.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kamengine.fingerprint import fingerprint
from kamengine.replay.era import Era
from kamengine.replay.opening import open_reader
from kamengine.replay.reading import Reader
from kamengine.workspace import Workspace

if TYPE_CHECKING:
    from kamengine.replay.staleness import Progress

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
    eras: Sequence[Era],
    moment: Moment,
    kpis: Iterable[str],
    progress: Progress = lambda _stage, _done, _total: None,
) -> Reader:
    """Return a reader of a past state, after making it where it isn't kept.

    Args:
        workspace: The folder.
        eras: What is to hold, oldest periods first.
        moment: From where the question is asked.
        kpis: The KPIs that are asked about; others have no values there.
        progress: Told of each stage.

    Raises:
        ReplayError: It can't be made.
    """
    asked = sorted(set(kpis))
    when = (str(moment.position), str(moment.as_of), moment.apply, moment.selecting)
    # an older definition may be asked for in all periods that held from a day on
    key = fingerprint(*when, *(str(era.since) for era in eras), *asked)
    narrow = _narrowed(eras, asked)
    place = workspace.past_dir / key
    if not place.exists():
        _make(workspace, place, narrow, moment, progress)
        _forget(workspace.past_dir)
    os.utime(place)
    there = msgspec.structs.replace(workspace, derived=place)
    return open_reader(there, narrow)


def _narrowed(whole: Sequence[Era], kpis: list[str]) -> tuple[Era, ...]:
    """Return what some KPIs rest on, in every era; facts are the same in all."""
    from kamengine.replay.narrowing import narrowed  # noqa: PLC0415 - it needs a parser

    eras = tuple(
        Era(era.since, narrowed(era.registry, kpis, era.settings, beside=ALWAYS), era.settings)
        for era in whole
    )
    types = {name: t for era in eras for name, t in era.registry.event_types.items()}
    for era in eras:
        era.registry.event_types = types
    return eras


ALWAYS = ("managers", "team_membership")
"""Who answered for whom is asked of any state, whatever the KPI."""


def _make(
    workspace: Workspace,
    place: Path,
    eras: tuple[Era, ...],
    moment: Moment,
    progress: Progress,
) -> None:
    """Replay into a folder of its own, which takes its name when it is whole."""
    from kamengine.courier.client import Courier  # noqa: PLC0415 - most questions need no replay
    from kamengine.replay.replay import Replayer  # noqa: PLC0415 - as above

    building = workspace.past_dir / f"{place.name}.{uuid.uuid4().hex[:8]}"
    building.mkdir(parents=True)
    try:
        there = msgspec.structs.replace(workspace, derived=building)
        with Courier(moment.selecting) as courier:
            newest = eras[-1]
            replayer = Replayer(
                there, newest.registry, newest.settings, courier, progress, lambda _: eras
            )
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
