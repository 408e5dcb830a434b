"""Keeping derived tables true: each is left alone, mended for some accounts, or made anew."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from kamengine.courier.client import Courier
from kamengine.engine import evidence
from kamengine.engine.lanes import Lanes, Outcome, running
from kamengine.engine.session import PART, STATE, WHOLE, Session, listed, name
from kamengine.engine.windows import set_windows
from kamengine.periods import Window
from kamengine.plugins import Registry
from kamengine.replay import changes
from kamengine.replay.facts import Facts
from kamengine.replay.graph import Graph, Node
from kamengine.replay.naming import name_in
from kamengine.replay.offering import Offering
from kamengine.replay.saving import Saving
from kamengine.replay.staleness import PARKING, Effect, Policy, Progress, Staleness, StoppedError
from kamengine.replay.standing import Standing, bounds
from kamengine.replay.state import SHOWN, Bounds, Mark, attach_shown
from kamengine.replay.steps import Step


class Upkeep:
    """Brings the tables of one state file up to the log and the definitions.

    After `facts`, `projections` and `evidence` have run in this order, ``effects`` tells which
    values are stale.

    The file worked on is older than the values: it missed the replay before this one. What was
    one thing then, another at that replay and is the first again now, looks unchanged in it. So
    changes are told by the file that readers are shown, on which the values rest.

    Args:
        session: On the file to work on.
        registry: The event types and KPIs.
        graph: The definitions as they are now.
        mark: What the file says of itself.
        progress: Told of each stage.
        shown: The file that readers are shown; None where there is none.
        saving: When to bring what is done to the disk.
        policy: What is done with definitions that fail.
    """

    def __init__(
        self,
        session: Session,
        registry: Registry,
        graph: Graph,
        mark: Mark,
        progress: Progress,
        shown: Path | None = None,
        saving: Saving | None = None,
        policy: Policy = PARKING,
    ) -> None:
        self.session = session
        self.registry = registry
        self.graph = graph
        self.mark = mark
        self.progress = progress
        self.stale = Staleness(mark, graph.broken, policy, session.limited)
        self.saving = saving or Saving(session)
        self.standing = Standing(graph, self.stale)
        self.offering = Offering(session, registry, graph)
        self.events = Facts(session, registry, graph, self.stale, progress, self._reached)
        self.from_nothing = self.events.fresh or (mark.unfinished and mark.from_nothing)
        self.parked = self.stale.parked
        self.effects: dict[str, Effect] = {}
        self.moved_windows: list[Window] = []
        self._put_off: dict[str, str] = {}
        self._holdings: dict[str, str] = {}
        self._described: dict[str, dict[str, str]] = {}
        self._shown = attach_shown(session, shown)
        self.stale.shown = self._shown if self._shown.fingerprints else None

    def facts(self, courier: Courier, log: Path, end: int, account: str | None = None) -> None:
        """Bring the facts up to the log; the arguments are those of `Facts.take`."""
        self.events.take(courier, log, end, account)
        self.stale.look_back(position=self.events.position)
        self.offering.find_stale()

    def projections(self) -> None:
        """Derive the projections that their inputs or their definition made stale."""
        for count, node in enumerate(self.graph.projections.values()):
            self.progress("projections", count, len(self.graph.projections))
            self._derive(node, self._derive_projection)
            self._reached(Step.PROJECTION)

    def evidence(self, windows: Sequence[Window]) -> None:
        """Gather the evidence that its inputs, its definition or the windows made stale."""
        known = self.mark.windows
        self.moved_windows = [w for w in windows if known.get(w.period) != (w.t0, w.t1)]
        gone = set(known) - {w.period for w in windows}
        self.standing.turn_to(windows, moved=bool(self.moved_windows or gone))
        self.stale.look_back(windows=self.standing.windows)
        set_windows(self.session, windows)
        held = {p: a for n in self.graph.kpis.values() for a, p in n.held.items()}
        sound = [projection for projection in held if projection not in self.parked]
        self._holdings = {projection: held[projection] for projection in sound}
        for node in [n for n in self.graph.kpis.values() if n.text]:
            self._tell_of_evidence()
            self.effects[node.name] = Effect()
            self._derive(node, self._gather)
            if node.name not in self._put_off:
                self._reached(Step.EVIDENCE)
        self._gather_put_off()
        if self.moved_windows or gone:
            self._refresh_anchored(windows, gone)

    def _derive_projection(self, node: Node) -> None:
        table = f"{STATE}.projections.{name(node.name)}"
        if self.stale.is_whole(node):
            if node.stored:
                self._make(table, node)
            self.stale.whole.add(node.name)
        elif not self.offering.by_account(node.name):
            if not node.stored or self._make_if_other(table, node):
                self.stale.whole.add(node.name)
        elif not node.stored or self._mend_if_other(table, node) or self.events.renewed:
            self.stale.touched.add(node.name)  # an account made anew is so all the way down
        self.offering.withdraw(node.name)

    def _hold(self) -> None:
        """Keep at hand who answers for what, before the first evidence is gathered."""
        holdings, self._holdings = self._holdings, {}
        if holdings:
            self.offering.look_at(WHOLE, holdings)
        for projection, relation in holdings.items():
            self.session.run(evidence.holding_statement(relation, projection))

    def _gather(self, node: Node) -> None:
        effect = self.effects[node.name]
        table = evidence.evidence_table(node.name)
        self._hold()
        if self.stale.is_whole(node):
            self.offering.look_at(WHOLE, node.reads)
            self._put_off[node.name] = self._attributed(node)
        else:
            self.offering.look_at(PART, node.reads)
            query = self._attributed(node)
            where = self._of_stale_accounts()
            if "account_id" not in self._columns(node):
                self.offering.look_at(WHOLE, node.reads)
                where = ""
            self._remake(query, where)
            if shown := name_in(self._shown, node):
                kpi = self.registry.kpi(node.name)
                effect.periods |= changes.changed_periods(self.session, kpi, shown, where)
            else:
                effect.whole = True
            self._replace(table, where)

    def _gather_put_off(self) -> None:
        """Gather the evidence that rests on all of what is read, of several KPIs at a time.

        Who asks for the same evidence as another KPI gets a copy of it.
        """
        asked, self._put_off = self._put_off, {}
        first: dict[str, str] = {}
        for kpi, query in asked.items():
            first.setdefault(query, kpi)
        self._gather_whole({kpi: query for query, kpi in first.items()})
        others = {kpi: query for kpi, query in asked.items() if first[query] != kpi}
        for kpi, query in others.items():
            if first[query] not in self.parked:
                others[kpi] = f"SELECT * FROM {evidence.evidence_table(first[query])}"
        self._gather_whole(others)

    def _gather_whole(self, queries: Mapping[str, str]) -> None:
        jobs = {k: running(*evidence.gathering(k, query)) for k, query in queries.items()}
        with Lanes(self.session, jobs, WHOLE) as gathered:
            for kpi, outcome in gathered:
                self._tell_of_evidence()
                self.stale.heed(self.graph.kpis[kpi], partial(self._refresh, kpi, outcome))
                self.standing.done.add(("kpi", kpi))
                self._reached(Step.EVIDENCE, gathered.settle)

    def _tell_of_evidence(self) -> None:
        gathered = sum(layer == "kpi" for layer, _ in self.standing.done)
        self.progress("evidence", gathered, sum(bool(n.text) for n in self.graph.kpis.values()))

    def _refresh(self, kpi: str, outcome: Outcome[None]) -> None:
        """Take down that the evidence of a KPI is another one, once it is there."""
        outcome()
        self.effects[kpi].whole = True
        self.standing.refreshed.add(kpi)

    def _attributed(self, node: Node) -> str:
        # whoever asks what an anchored value rests on has its evidence gathered anew
        return evidence.attributed(
            node.text,
            self._columns(node),
            node.held,
            f"KPI {node.name}",
            told=not node.anchored,
        )

    def _columns(self, node: Node) -> dict[str, str]:
        """Return the columns of a KPI's query over what it reads, as offered at the moment."""
        if node.name not in self._described:
            kept = None if self.stale.differs(node) else self.mark.columns.get(node.name)
            self._described[node.name] = kept or self.session.columns(node.text)
        return self._described[node.name]

    def _refresh_anchored(self, windows: Sequence[Window], gone: set[str]) -> None:
        """Gather evidence anew for windows that moved, where it rests on windows."""
        moved = {w.period for w in self.moved_windows}
        periods = listed(moved | gone)
        set_windows(self.session, self.moved_windows)
        for node in self.graph.kpis.values():
            effect = self.effects.get(node.name)
            if effect is None or effect.whole or node.name in self.parked:
                continue
            effect.periods |= moved
            if node.anchored:
                self.stale.attempt(node, partial(self._gather_moved, node, periods))
                self.standing.refreshed.add(node.name)
                self._reached(Step.EVIDENCE)
        set_windows(self.session, windows)

    def ripen(self, since: dt.datetime, until: dt.datetime) -> None:
        """Find the values that move because time goes by, and cases ripen.

        Args:
            since: An "as of" for which values were computed.
            until: The "as of" for which they are wanted; it may be the earlier one.
        """
        first, last = sorted((since, until))
        for node in self.graph.kpis.values():
            effect = self.effects.get(node.name)
            if effect is None or effect.whole or not node.ripens or node.name in self.parked:
                continue
            effect.ripened |= changes.ripened_periods(self.session, node.name, first, last)
            effect.periods |= effect.ripened

    def _gather_moved(self, node: Node, periods: str) -> None:
        self._hold()
        self.offering.look_at(WHOLE, node.reads)
        table = evidence.evidence_table(node.name)
        self.session.run(f"DELETE FROM {table} WHERE period IN ({periods})")
        if self.moved_windows:
            self.session.run(
                f"INSERT INTO {table} BY NAME"
                f" SELECT * FROM ({self._attributed(node)}) WHERE period IS NOT NULL"
            )

    def _make(self, table: str, node: Node) -> None:
        self.offering.look_at(WHOLE, node.reads)
        self.session.run(f"CREATE OR REPLACE TABLE {table} AS {node.text}")
        self.offering.forget(node.name)

    def _make_if_other(self, table: str, node: Node) -> bool:
        """Make a table anew; tell whether its rows are others than before, or than those shown."""
        self.offering.look_at(WHOLE, node.reads)
        self._remake(node.text, "")
        differs = changes.is_other(self.session, table, "")
        if differs:
            self.session.run(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM mended")
        return differs or self._is_other_than_shown(node, "")

    def _mend_if_other(self, table: str, node: Node) -> bool:
        """Replace the rows of stale accounts; tell whether they are others, as above."""
        self.offering.look_at(PART, node.reads)
        where = self._of_stale_accounts()
        self._remake(node.text, where)
        differs = changes.is_other(self.session, table, where)
        if differs:
            self._replace(table, where)
        return differs or self._is_other_than_shown(node, where)

    def _is_other_than_shown(self, node: Node, where: str) -> bool:
        """Tell whether readers are shown other rows of a projection than those just remade."""
        shown = name_in(self._shown, node)
        if shown is None:
            return True
        return changes.is_other(self.session, f"{SHOWN}.projections.{name(shown)}", where)

    def _of_stale_accounts(self) -> str:
        return f"WHERE {self.offering.stale_rows} AND account_id IS NOT NULL"

    def _remake(self, query: str, where: str) -> None:
        """Keep the rows that a table is to have instead of some that it has at hand."""
        self.session.run(f"CREATE OR REPLACE TEMP TABLE mended AS SELECT * FROM ({query}) {where}")

    def _replace(self, table: str, where: str) -> None:
        self.session.run(f"DELETE FROM {table} {where}")
        self.session.run(f"INSERT INTO {table} BY NAME SELECT * FROM mended")

    def _derive(self, node: Node, derive: Callable[[Node], None]) -> None:
        """Derive what a definition says where it or what it reads changed, and nothing failed."""
        who = evidence.ATTRIBUTION if node.layer == "kpi" else ()
        attribution = tuple(node.held.get(a, a) for a in who)
        broken = next((r for r in node.reads + attribution if r in self.parked), None)
        if broken is not None:
            self.parked[node.name] = f"it reads {broken}, which failed: {self.parked[broken]}"
            return
        if self.stale.stays_parked(node, untouched=self._is_as_before(node, attribution)):
            return
        if self.stale.is_whole(node) or not self.stale.touched.isdisjoint(node.inputs):
            self.stale.attempt(node, partial(derive, node))
        if node.name not in self._put_off:
            self.standing.done.add((node.layer, node.name))

    def _is_as_before(self, node: Node, attribution: Iterable[str]) -> bool:
        """Tell whether nothing changed in what a definition reads."""
        changed = self.stale.whole | self.stale.touched
        return not (changed & {*node.reads, *attribution} or self.standing.moved)

    def _reached(self, step: Step, settle: Callable[[], None] = lambda: None) -> None:
        """Tell of a step, and save where it is time to."""
        self.saving.on_step(step)
        if self.saving.due():
            settle()
            self.save()

    @contextlib.contextmanager
    def saved_where_it_stops(self) -> Iterator[None]:
        """Where the block is interrupted, lose no more than the step under way."""
        try:
            yield
        except (KeyboardInterrupt, StoppedError):
            self.save()
            raise

    def save(self) -> None:
        """Bring to the disk what was done so far; not while events are being decoded."""
        self.saving.save(self.so_far())

    def so_far(self) -> Mark:
        """Return the mark of the tables amid the work: what is yet to be made is missing."""
        return self._mark(self.standing.fingerprints(), self.standing.windows, unfinished=True)

    def signed(self, windows: Sequence[Window]) -> Mark:
        """Return the mark of the tables as they are when all is done."""
        layers = (self.graph.facts, self.graph.projections, self.graph.kpis)
        fingerprints = {
            f"{node.layer}:{node.name}": node.fingerprint
            for layer in layers
            for node in layer.values()
            if node.name not in self.parked
        }
        return self._mark(fingerprints, bounds(windows), unfinished=False)

    def _mark(self, fingerprints: dict[str, str], windows: Bounds, *, unfinished: bool) -> Mark:
        columns = self.mark.columns | self._described
        return Mark(
            position=self.events.position,
            hash=self.events.hash(),
            recorded_at=self.events.recorded_at,
            first_occurred=self.events.first_occurred,
            fingerprints=fingerprints,
            windows=windows,
            columns={k: columns[k] for k in columns.keys() & self.graph.kpis.keys()},
            parked=self.parked,
            tried=self.stale.tried,
            settled=self.events.settled,
            unfinished=unfinished,
            from_nothing=self.from_nothing,
        )
