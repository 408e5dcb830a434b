"""A replay: catch up or rebuild, then let readers see the result in one step."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kamengine.courier.client import Courier, Writer
from kamengine.engine.session import Session, listed
from kamengine.errors import ReplayError
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.periods import Window
from kamengine.plugins import Registry
from kamengine.replay import graph as graphs
from kamengine.replay import state
from kamengine.replay.ahead import ahead
from kamengine.replay.attic import Attic, declaration
from kamengine.replay.book import Book, Definition, Head, head_statements, micros
from kamengine.replay.facts import instant
from kamengine.replay.revaluation import Revaluation
from kamengine.replay.staleness import Effect, Progress
from kamengine.replay.state import Mark
from kamengine.replay.upkeep import Upkeep
from kamengine.settings import Settings
from kamengine.workspace import Workspace


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay did.

    Attributes:
        events: How many events were new to it.
        position: The last event it knows of.
        recomputed: KPIs whose values were computed anew, at least in part.
        parked: KPI or projection to the error that keeps it out.
        seconds: How long it took.
        full: Whether everything was made from nothing.
    """

    events: int
    position: int
    recomputed: tuple[str, ...]
    parked: dict[str, str]
    seconds: float
    full: bool


class Replayer:
    """Replays a workspace's log into values.

    Args:
        workspace: The folder.
        registry: What the loaded packs registered.
        settings: What the organisation decided.
        courier: Carries rows; start it early where the first replay must be quick.
        progress: Told of each stage, how far it is, and how far it goes (0: unknown).
    """

    def __init__(
        self,
        workspace: Workspace,
        registry: Registry,
        settings: Settings,
        courier: Courier,
        progress: Progress = lambda _stage, _done, _total: None,
    ) -> None:
        self.workspace = workspace
        self.registry = registry
        self.settings = settings
        self.courier = courier
        self.progress = progress
        self.book = Book(workspace.values_path)
        self.attic = Attic(workspace.values_path)

    def replay(self, now: dt.datetime, *, full: bool = False, as_of: str | None = None) -> Replayed:
        """Bring values up to the log's head, and to the definitions and settings as they are.

        Args:
            now: The clock.
            full: Make everything from nothing, even where nothing seems stale.
            as_of: Where to cut windows still open, if not where settings or the clock say.

        Raises:
            ReplayError: It can't be done; what readers see is as before.
        """
        started = time.monotonic()
        cut = self.settings.calendar.as_of(as_of or self.settings.as_of, now)
        with state.replaying(self.workspace):
            self.book.prepare()
            self.attic.prepare()
            graph = graphs.build(self.registry, self.settings)
            head = self.book.head()
            end = self._log_end(None if full else head)
            path, session, mark = self._begin(None if full else head)
            session.bound(self.settings.limits)
            with state.unfinished(path, session):
                shown = self.workspace.state_dir / head.state if head else None
                upkeep = Upkeep(session, self.registry, graph, mark, self.progress, shown)
                state.put_down(session)
                windows = self._derive(upkeep, end, cut)
                self._compare(upkeep, windows, head, cut)
                self._spread(upkeep)
            self._hand_over(upkeep, path, windows, cut)
            standby = [head.state] if head is not None and not upkeep.events.fresh else []
            state.discard_others(self.workspace, [path.name, *standby])
        return Replayed(
            events=upkeep.events.position - mark.position,
            position=upkeep.events.position,
            recomputed=tuple(k for k, e in sorted(upkeep.effects.items()) if e.whole or e.periods),
            parked=upkeep.parked,
            seconds=time.monotonic() - started,
            full=upkeep.events.fresh,
        )

    def _begin(self, head: Head | None) -> tuple[Path, Session, Mark]:
        calendar = self.settings.calendar
        found = head and state.open_standby(self.workspace, calendar, head.state)
        if found:
            return found
        path, session = state.open_fresh(self.workspace, calendar)
        return path, session, Mark()

    def _log_end(self, head: Head | None) -> int:
        """Return the log's last position; a log that nothing was appended to yet ends at 0."""
        end = SQLiteEventLog(self.workspace.log_path).head().position
        if head is not None and end < head.position:
            raise ReplayError(
                f"The log ends at position {end}, and the values rest on {head.position} events",
                where=str(self.workspace.log_path),
                hint="restore the log, or make everything anew with `kamengine replay --full`",
            )
        return end

    def _derive(self, upkeep: Upkeep, end: int, cut: dt.datetime) -> list[Window]:
        upkeep.facts(self.courier, self.workspace.log_path, end)
        upkeep.projections()
        windows: list[Window] = []
        if upkeep.events.first_occurred is not None:
            first = instant(upkeep.events.first_occurred)
            windows = self.settings.calendar.windows(self.settings.kinds, first, cut)
        upkeep.evidence(windows)
        return windows

    def _compare(
        self, upkeep: Upkeep, windows: Sequence[Window], head: Head | None, cut: dt.datetime
    ) -> None:
        """Find the values that don't fit the state for another reason than what it took in.

        The state worked on is an older one than that which the book rests on: definitions and
        windows may have changed after it, and back again. It is a newer one if a replay was
        killed as it handed over.
        """
        builds_on = head is not None and upkeep.mark.position <= head.position
        kept = self.book.definitions() if builds_on else {}
        bounds = self.book.windows() if builds_on else {}
        if builds_on and head is not None:
            upkeep.ripen(instant(head.as_of), cut)
        moved = [w for w in windows if bounds.get(w.period) != (micros(w.t0), micros(w.t1))]
        known = {w.period for w in upkeep.moved_windows}
        upkeep.moved_windows += [w for w in moved if w.period not in known]
        for node in upkeep.graph.kpis.values():
            effect = upkeep.effects.setdefault(node.name, Effect())
            held = kept.get(node.name)
            effect.whole |= held is None or held.fingerprint != node.fingerprint
            effect.periods |= {w.period for w in moved}

    def _spread(self, upkeep: Upkeep) -> None:
        """Let a change in an operand reach the formulas that read it."""
        for node in upkeep.graph.kpis.values():
            if node.text:
                continue
            broken = next((r for r in node.reads if r in upkeep.parked), None)
            if broken is not None:
                reason = f"it needs {broken}, which failed: {upkeep.parked[broken]}"
                upkeep.parked[node.name] = reason
                continue
            effect = upkeep.effects[node.name]
            inputs = [upkeep.effects[r] for r in node.reads]
            effect.whole |= any(e.whole for e in inputs)
            effect.periods.update(*(e.periods for e in inputs))

    def _hand_over(
        self, upkeep: Upkeep, path: Path, windows: list[Window], cut: dt.datetime
    ) -> None:
        """Write the stale values and the new head in one transaction of the book."""
        head = Head(
            state=path.name,
            position=upkeep.events.position,
            recorded_at=upkeep.events.recorded_at,
            as_of=micros(cut),
        )
        stale = [
            k
            for k, e in upkeep.effects.items()
            if (e.whole or e.periods) and k not in upkeep.parked
        ]
        clearing = self._clearing(upkeep, windows)
        revaluation = Revaluation(upkeep, self.registry, self.settings, windows)
        with (
            self.courier.writing(self.workspace.values_path) as writer,
            state.unfinished(path, upkeep.session),
        ):
            self._write(revaluation, stale, writer, upkeep.parked)
            retiring = self._retiring(upkeep)
            about = head_statements(head, windows, self._definitions(upkeep))
            for statement in retiring + clearing + about:
                writer.run(statement)
            state.sign(upkeep.session, upkeep.signed(windows))
            upkeep.session.close()

    def _write(
        self, revaluation: Revaluation, stale: list[str], writer: Writer, parked: dict[str, str]
    ) -> None:
        """Write values as they are computed, while the state file is brought to the disk."""
        with (
            revaluation.session.checkpointing(),
            contextlib.closing(ahead(revaluation.values(stale))) as coming,
        ):
            for count, found in enumerate(coming):
                self.progress("values", count, len(stale))
                writer.run(found.forgetting)
                if found.problem is None:
                    writer.send("values", found.rows.to_reader())
                else:
                    parked[found.kpi] = found.problem

    def _clearing(self, upkeep: Upkeep, windows: Sequence[Window]) -> list[str]:
        """Return the statements that delete the values that nothing vouches for any more."""
        kpis = self.book.definitions().keys() - (upkeep.graph.kpis.keys() - upkeep.parked.keys())
        periods = self.book.windows().keys() - {w.period for w in windows}
        statements = [f'DELETE FROM "values" WHERE kpi IN ({listed(kpis)})']
        if periods:  # there is no index on them
            statements.append(f'DELETE FROM "values" WHERE period IN ({listed(periods)})')
        return statements

    def _retiring(self, upkeep: Upkeep) -> list[str]:
        """Return the statements that put aside the values of KPIs that aren't installed now."""
        nodes, packs = upkeep.graph.kpis, self.registry.pack_of
        installed = {
            kpi.id: declaration(
                kpi,
                msgspec.structs.asdict(self.settings.params_of(kpi)),
                nodes[kpi.id].text if kpi.id in nodes else kpi.sql,
                packs.get(f"kpis:{kpi.id}", "-"),
            )
            for kpi in self.registry.measured.values()
        }
        return self.attic.statements(installed, installed.keys() - upkeep.parked.keys())

    def _definitions(self, upkeep: Upkeep) -> list[Definition]:
        nodes = upkeep.graph.kpis
        return [
            Definition(
                kpi=kpi.id,
                definition=upkeep.graph.definition(kpi),
                unit=kpi.unit,
                problem=upkeep.parked.get(kpi.id),
                fingerprint="" if kpi.id in upkeep.parked else nodes[kpi.id].fingerprint,
            )
            for kpi in self.registry.measured.values()
        ]
