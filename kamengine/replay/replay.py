"""A replay: catch up or rebuild, then let readers see the result in one step."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

from kamengine.courier.client import Courier, Writer
from kamengine.engine.session import Session, listed
from kamengine.errors import ReplayError
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.periods import Window
from kamengine.plugins import Registry
from kamengine.replay import state, subjects, vouching
from kamengine.replay.attic import Attic, declaration
from kamengine.replay.book import Book, Head, instant, micros
from kamengine.replay.era import Era
from kamengine.replay.eras import Timeline
from kamengine.replay.graph import Graph
from kamengine.replay.head import head_statements
from kamengine.replay.naming import rename
from kamengine.replay.outcome import Rehearsal, Replayed, nothing_yet
from kamengine.replay.replacing import replacing
from kamengine.replay.revaluation import Revaluation
from kamengine.replay.saving import SECONDS, Saving
from kamengine.replay.series import belonging, forgetting
from kamengine.replay.staleness import Effect, Policy, Progress, StoppedError, stopped
from kamengine.replay.state import Mark, Work
from kamengine.replay.steps import OnStep, Step, unheeded
from kamengine.replay.upkeep import Upkeep
from kamengine.settings import Settings
from kamengine.workspace import Workspace

InForce: TypeAlias = Callable[[int], Sequence[Era]]


class Replayer:
    """Replays a workspace's log into values.

    Args:
        workspace: The folder.
        registry: The definitions: what was applied, or what the loaded packs registered.
        settings: What the organisation decided.
        courier: Carries rows; a replay starts it first of all, if nobody did.
        progress: Told of each stage, how far it is, and how far it goes (0: unknown).
        in_force: Says for a position of the log which definitions and settings are in force
            there, oldest periods first; None where the given ones hold for all periods, whatever
            the log says.
        on_step: Told of each step as it is done.
        save_every: Seconds of work between two save points; 0 to save after each step.
    """

    def __init__(
        self,
        workspace: Workspace,
        registry: Registry,
        settings: Settings,
        courier: Courier,
        progress: Progress = lambda _stage, _done, _total: None,
        in_force: InForce | None = None,
        on_step: OnStep = unheeded,
        save_every: float = SECONDS,
    ) -> None:
        self.workspace = workspace
        self.settings = settings
        self.timeline = Timeline([Era(None, registry, settings)])
        self.courier = courier
        self.progress = progress
        self.in_force = in_force
        self.on_step = on_step
        self.save_every = save_every
        self.book = Book(workspace.values_path)
        self.attic = Attic(workspace.values_path)

    def replay(
        self,
        now: dt.datetime,
        *,
        full: bool = False,
        as_of: str | None = None,
        upto: int | None = None,
        retry: bool = False,
        account: str | None = None,
    ) -> Replayed:
        """Bring values up to the log's head, and to the definitions and settings as they are.

        Args:
            now: The clock.
            full: Make everything from nothing, even where nothing seems stale; the first
                definition that fails ends it.
            as_of: Where to cut windows still open, if not where settings or the clock say.
            upto: The last position that counts; None for the log's head.
            retry: Try definitions again that failed before, though nothing changed for them.
            account: Make one account anew from the log, with all that were merged with it.

        Raises:
            ReplayError: It can't be done; what readers see is as before.
            UnknownNameError: No event belongs to that account.
        """
        started = time.monotonic()
        with state.replaying(self.workspace):
            self.courier.start()
            self.book.prepare()
            self.attic.prepare()
            head = self.book.head()
            if account is not None and head is None:
                raise nothing_yet(self.workspace, "no account can be made anew")
            end = self._log_end(None if full else head) if upto is None else upto
            self._turn_to(end)
            cut = self.settings.calendar.as_of(as_of or self.settings.as_of, now)
            if full and self.timeline.graph.broken:
                raise _stopped_at(self.timeline.graph)
            path, session, mark = self._begin(head, full=full)
            session.bound(self.settings.limits)
            with state.unfinished(path, session):
                policy = Policy(stops=full, retries=retry or full)
                upkeep = self._upkeep(session, mark, head, policy)
                windows = self._derive(upkeep, end, cut, account)
                self._compare(upkeep, windows, head, cut)
                self._spread(upkeep, windows)
                state.note(session, upkeep.so_far())
                self.on_step(Step.DERIVED)
            self._hand_over(upkeep, path, windows, cut)
            standby = [head.state] if head is not None and not upkeep.from_nothing else []
            state.discard_others(self.workspace, [path.name, *standby])
            self.on_step(Step.TIDIED)
        return Replayed(
            events=upkeep.events.position - mark.position,
            position=upkeep.events.position,
            recomputed=tuple(sorted({self.timeline.kpi_of(name) for name in _stale(upkeep)})),
            parked=self.timeline.told(upkeep.parked),
            seconds=time.monotonic() - started,
            full=upkeep.from_nothing,
            accounts=upkeep.events.renewed,
        )

    @contextlib.contextmanager
    def rehearsing(self) -> Iterator[Rehearsal]:
        """Go through a replay of what was replayed already, and hand nothing over.

        What it derives stays in the state file that nobody reads, so that a replay with the same
        definitions after it finds it there. New events are left to that replay.

        Raises:
            ReplayError: Nothing was replayed yet, or it can't be done.
        """
        with state.replaying(self.workspace):
            head = self.book.head()
            if head is None:
                raise nothing_yet(self.workspace, "nothing can be compared")
            self._turn_to(head.position)
            path, session, mark = self._begin(head)
            session.bound(self.settings.limits)
            with state.unfinished(path, session):
                upkeep = self._upkeep(session, mark, head, Policy(retries=True))
                cut = instant(head.as_of)
                windows = self._derive(upkeep, max(head.position, mark.position), cut)
                self._compare(upkeep, windows, head, cut)
                self._spread(upkeep, windows)
                state.note(session, upkeep.so_far())
                self.on_step(Step.DERIVED)
                gone = self.timeline.abandoned(self.book.definitions(), windows, ())
                yield Rehearsal(
                    revaluation=Revaluation(upkeep, self.timeline, windows),
                    stale=tuple(_stale(upkeep)),
                    parked=self.timeline.told(upkeep.parked),
                    gone={kpi: belonging(kpi, periods) for kpi, periods in sorted(gone.items())},
                    head=head,
                )
                state.sign(session, upkeep.signed(windows))
                session.close()
            self.on_step(Step.REHEARSED)

    def _turn_to(self, position: int) -> None:
        """Take up the definitions that are in force at a position of the log."""
        if self.in_force is not None:
            self.timeline = Timeline(self.in_force(position))
            self.settings = self.timeline.settings

    def _upkeep(self, session: Session, mark: Mark, head: Head | None, policy: Policy) -> Upkeep:
        registry, graph = self.timeline.registry, self.timeline.graph
        self.on_step(Step.OPENED)
        mark = rename(session, mark, graph)
        self.on_step(Step.RENAMED)
        shown = self.workspace.state_dir / head.state if head else None
        saving = Saving(session, self.on_step, self.save_every)
        return Upkeep(session, registry, graph, mark, self.progress, shown, saving, policy)

    def _begin(self, head: Head | None, *, full: bool = False) -> Work:
        """Open the file to work on: what a replay that broke off left, another, or a new one."""
        calendar, current = self.settings.calendar, head.state if head else None
        found: Work | None
        if full:
            found = state.open_begun(
                self.workspace, calendar, current, lambda m: m.is_rebuild and self._fits(m)
            )
        elif head is None:
            found = state.open_begun(self.workspace, calendar, current, self._fits)
        else:  # to copy the current file and catch up is quicker than to go on with a rebuild
            found = state.open_standby(
                self.workspace, calendar, head.state, lambda m: not m.is_rebuild and self._fits(m)
            )
        if found:
            return found
        path, session = state.open_fresh(self.workspace, calendar)
        return path, session, Mark()

    def _fits(self, mark: Mark) -> bool:
        """Tell whether a state file rests on the log that there is."""
        return self._hash_at(mark.position) == mark.hash

    def _hash_at(self, position: int) -> str | None:
        """Return the hash of the event at a position; None where the log ends before it."""
        head = SQLiteEventLog(self.workspace.log_path).head(upto=position)
        return head.hash.hex() if head.position == position else None

    def _log_end(self, head: Head | None) -> int:
        """Return the log's last position; a log that nothing was appended to yet ends at 0."""
        end = SQLiteEventLog(self.workspace.log_path).head().position
        if head is not None and end < head.position:
            raise ReplayError(
                f"The log ends at position {end}, and the values rest on {head.position} events",
                where=str(self.workspace.log_path),
                hint="restore the log, or make everything anew with `kamengine replay --full`",
            )
        if head is not None and self._hash_at(head.position) != head.hash:
            raise ReplayError(
                "This log isn't the one that the values rest on, since it has another event"
                f" at position {head.position}",
                where=str(self.workspace.log_path),
                hint="restore the log, or make everything anew with `kamengine replay --full`",
            )
        return end

    def _derive(
        self, upkeep: Upkeep, end: int, cut: dt.datetime, account: str | None = None
    ) -> list[Window]:
        upkeep.facts(self.courier, self.workspace.log_path, end, account)
        with upkeep.saved_where_it_stops():
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
        killed as it handed over; and if one was killed amid its work, nobody knows what it
        changed.
        """
        mark = upkeep.mark
        builds_on = head is not None and not mark.unfinished and mark.position <= head.position
        kept = self.book.history() if builds_on else {}
        bounds = self.book.windows() if builds_on else {}
        if builds_on and head is not None:
            upkeep.ripen(instant(head.as_of), cut)
        moved = [w for w in windows if bounds.get(w.period) != (micros(w.t0), micros(w.t1))]
        known = {w.period for w in upkeep.moved_windows}
        upkeep.moved_windows += [w for w in moved if w.period not in known]
        for node in upkeep.graph.kpis.values():
            effect = upkeep.effects.setdefault(node.name, Effect())
            held = kept.get(self.timeline.kpi_of(node.name), [])
            outdated = self.timeline.outdated(node.name, windows, held)
            effect.whole |= outdated is None
            effect.periods |= {w.period for w in moved}
            effect.periods |= outdated or set()
            effect.ripened |= outdated or set()

    def _spread(self, upkeep: Upkeep, windows: Sequence[Window]) -> None:
        """Let a change in an operand reach the formulas that read it, and no period of others."""
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
            untouched = not any(e.whole or e.periods for e in inputs)
            if upkeep.stale.stays_parked(node, untouched=untouched):
                continue
            effect.whole |= any(e.whole for e in inputs)
            effect.periods.update(*(e.periods for e in inputs))
        for name, effect in upkeep.effects.items():
            if self.timeline.is_bound(name):
                own = self.timeline.own(name, windows)
                effect.whole &= bool(own)
                effect.periods &= own
                effect.ripened &= own

    def _hand_over(
        self, upkeep: Upkeep, path: Path, windows: list[Window], cut: dt.datetime
    ) -> None:
        """Write the stale values and the new head in one transaction of the book."""
        head = Head(
            state=path.name,
            position=upkeep.events.position,
            hash=upkeep.events.hash(),
            recorded_at=upkeep.events.recorded_at,
            as_of=micros(cut),
            declared=vouching.declaration(self.timeline.eras[-1].registry),
            settled=vouching.settlement(self.timeline.eras[-1].settings),
        )
        clearing = self._clearing(upkeep, windows)
        revaluation = Revaluation(upkeep, self.timeline, windows)
        with (
            self.courier.writing(self.workspace.values_path) as writer,
            state.unfinished(path, upkeep.session),
        ):
            self._write(revaluation, writer, upkeep)
            retiring = self._retiring(upkeep)
            about = head_statements(
                head,
                windows,
                self.timeline.definitions(upkeep.parked),
                subjects.attributes(upkeep.session),
            )
            state.sign(upkeep.session, upkeep.signed(windows))  # the last values are still written
            upkeep.session.close()
            self.on_step(Step.SIGNED)
            for statement in retiring + clearing + about:
                writer.run(statement)
        self.on_step(Step.HANDED_OVER)

    def _write(self, revaluation: Revaluation, writer: Writer, upkeep: Upkeep) -> None:
        """Write values as they are computed, while the state file is brought to the disk."""
        stale = _stale(upkeep)
        self.progress("values", 0, len(stale))
        with (
            revaluation.session.checkpointing(),
            contextlib.closing(replacing(revaluation, stale, self.book, writer)) as replaced,
        ):
            for count, found in enumerate(replaced, start=1):
                if found.problem is not None:
                    upkeep.stale.park(upkeep.graph.kpis[found.name], found.problem)
                self.progress("values", count, len(stale))
                self.on_step(Step.VALUES)

    def _clearing(self, upkeep: Upkeep, windows: Sequence[Window]) -> list[str]:
        """Return the statements that delete the values that nothing vouches for any more."""
        gone = self.timeline.abandoned(self.book.definitions(), windows, upkeep.parked)
        periods = self.book.windows().keys() - {w.period for w in windows}
        whole = listed(kpi for kpi, bound in gone.items() if bound is None)
        conditions = [f"kpi IN ({whole})"]
        if periods:  # there is no index on them
            conditions.append(f"period IN ({listed(periods)})")
        conditions += [belonging(k, some) for k, some in sorted(gone.items()) if some is not None]
        return [statement for condition in conditions for statement in forgetting(condition)]

    def _retiring(self, upkeep: Upkeep) -> list[str]:
        """Return the statements that put aside the values of KPIs that aren't in force now."""
        nodes = upkeep.graph.kpis
        in_force = {
            kpi.id: declaration(
                kpi,
                msgspec.structs.asdict(era.settings.params_of(kpi)),
                nodes[kpi.id].text if kpi.id in nodes else kpi.sql,
                era.registry.pack_of.get(f"kpis:{kpi.id}", ""),
            )
            for era in self.timeline.eras
            for kpi in era.registry.measured.values()
        }
        return self.attic.statements(in_force, in_force.keys() - upkeep.parked.keys())


def _stale(upkeep: Upkeep) -> list[str]:
    """Return the KPIs whose values are to be computed anew, formulas after their operands."""
    effects = upkeep.effects.items()
    return [k for k, e in effects if (e.whole or e.periods) and k not in upkeep.parked]


def _stopped_at(graph: Graph) -> StoppedError:
    name, reason = next(iter(graph.broken.items()))
    return stopped(name, reason)
