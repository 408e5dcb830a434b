"""A plan: what packs and YAML say now against what was applied, and what that would move."""

from __future__ import annotations

import datetime as dt

import msgspec

from kamengine.courier.client import Courier
from kamengine.engine.session import STATE, name
from kamengine.history.changes import Changes, changes
from kamengine.history.crossings import Aims, Crossing, crossings, standing
from kamengine.history.definitions import Definitions
from kamengine.history.moves import Extent, Move, Moves
from kamengine.replay.book import instant
from kamengine.replay.derived import is_there
from kamengine.replay.opening import open_reader
from kamengine.replay.outcome import Rehearsal
from kamengine.replay.replay import Replayer
from kamengine.replay.staleness import Progress
from kamengine.replay.steps import OnStep, unheeded
from kamengine.scorecard.answers import on_scorecards
from kamengine.workspace import Workspace


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What applying would do.

    Attributes:
        changes: What is other than it was applied.
        rows: Rows of facts and projections that changed projections and KPIs read.
        extents: How much of each KPI would move.
        largest: The largest movers of each KPI and grain.
        crossings: Every value on a scorecard that would pass its target or band.
        statuses: Every value whose status would change.
        problems: KPI or projection to the reason why it can't be computed: nothing is applied
            as long as there are any.
        compared_at: The last event that both sides know of; None where nothing was replayed.
    """

    changes: Changes
    rows: int = 0
    extents: tuple[Extent, ...] = ()
    largest: tuple[Move, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    statuses: tuple[Move, ...] = ()
    problems: dict[str, str] = {}
    compared_at: int | None = None


def plan(
    workspace: Workspace,
    before: Definitions,
    after: Definitions,
    courier: Courier,
    progress: Progress,
    *,
    each: int = 5,
    on_step: OnStep = unheeded,
) -> Plan:
    """Compute what applying would do; nothing that anybody reads changes.

    Both sides are computed over the same events, up to the one that was replayed last, and cut at
    the same day, so that whatever moves is due to the definitions alone.

    Args:
        workspace: The folder.
        before: What was applied, for all periods.
        after: What would be, likewise.
        courier: Carries rows.
        progress: Told of each stage.
        each: How many movers of each KPI and grain to name.
        on_step: Told of each step of the rehearsal as it is done.

    Raises:
        ReplayError: Nothing was replayed yet, or another replay is under way.
    """
    differences = changes(before, after)
    if not differences:
        return Plan(changes=differences)
    registry, settings = after.registry, after.settings
    replayer = Replayer(
        workspace, registry, settings, courier, progress, lambda _: after.eras, on_step
    )
    with replayer.rehearsing() as rehearsal:
        zero = {k for k, kpi in after.registry.kpis.items() if kpi.empty == "zero"}
        moves = Moves(rehearsal, zero, replayer.book, courier)
        moves.find(progress)
        crossed = _crossings(workspace, before, after, rehearsal, moves)
        return Plan(
            changes=differences,
            rows=_rows(rehearsal, differences, after),
            extents=tuple(moves.extents()),
            largest=tuple(moves.largest(each)),
            crossings=tuple(crossed),
            statuses=tuple(moves.statuses()),
            problems=_new_problems(moves.problems, replayer) | _lost(differences, after),
            compared_at=rehearsal.head.position,
        )


def _crossings(
    workspace: Workspace,
    before: Definitions,
    after: Definitions,
    rehearsal: Rehearsal,
    moves: Moves,
) -> list[Crossing]:
    reader = open_reader(workspace, before.eras)
    old, new = Aims(before, reader), Aims(after, reader)
    calendar, cut = before.settings.calendar, instant(rehearsal.head.as_of)
    windows = {period: calendar.window(period, cut) for period, _ in reader.book.periods()}
    same = _files(before) == _files(after)
    still = () if same else standing(old, new, reader.book, windows, after)
    configs = [spell.config for side in (before, after) for spell in side.spells]
    kpis = {kpi for config in configs for kpi in on_scorecards(config)}
    return crossings(old, new, moves.of(sorted(kpis)), still, windows)


def _files(definitions: Definitions) -> list[tuple[dt.date | None, dict[str, bytes]]]:
    return [(spell.since, spell.files.contents) for spell in definitions.spells]


def _new_problems(problems: dict[str, str], replayer: Replayer) -> dict[str, str]:
    """Leave out what can't be computed now either."""
    known = replayer.book.definitions()
    return {
        name: reason
        for name, reason in problems.items()
        if name not in known or known[name].problem is None
    }


def _lost(differences: Changes, after: Definitions) -> dict[str, str]:
    """Name what would be removed, and may be of a pack that couldn't be loaded.

    Nobody decided that it goes. What is returned to is another matter: it is as it is on record.
    """
    broken = ", ".join(pack.name for pack in after.registry.quarantined)
    if not broken or after.registry.recorded:
        return {}
    reason = f"it would be removed, and may be of a pack in quarantine: {broken}"
    return {c.name: reason for c in differences.definitions if c.change == "removed"}


def _rows(rehearsal: Rehearsal, differences: Changes, after: Definitions) -> int:
    """Count the rows of what changed projections and KPIs read."""
    graph = after.graph
    layers = {"projection": graph.projections, "kpi": graph.kpis}
    changed = [
        layers[c.sort][c.name]
        for c in differences.definitions
        if c.sort in layers and c.name in layers[c.sort]
    ]
    session = rehearsal.revaluation.session
    read = {relation for node in changed for relation in node.reads}
    tables = [
        f"{STATE}.{'facts' if relation in graph.facts else 'projections'}.{name(relation)}"
        for relation in read
    ]
    return sum(session.value(f"SELECT count(*) FROM {t}") for t in tables if is_there(session, t))
