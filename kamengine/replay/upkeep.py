"""Keeping derived tables true: each is left alone, mended for some accounts, or made anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from kamengine.courier.client import Courier
from kamengine.engine import evidence
from kamengine.engine.session import PART, STATE, WHOLE, Session, name
from kamengine.engine.windows import set_windows
from kamengine.kpi import Latest
from kamengine.periods import Window
from kamengine.plugins import Registry
from kamengine.replay.facts import Facts
from kamengine.replay.graph import Graph, Node
from kamengine.replay.staleness import Effect, Progress, Staleness
from kamengine.replay.state import Mark


class Upkeep:
    """Brings the tables of one state file up to the log and the definitions.

    After `facts`, `projections` and `evidence` have run in this order, ``effects`` tells which
    values are stale.
    """

    def __init__(
        self,
        session: Session,
        registry: Registry,
        graph: Graph,
        mark: Mark,
        progress: Progress,
    ) -> None:
        self.session = session
        self.registry = registry
        self.graph = graph
        self.mark = mark
        self.progress = progress
        self.stale = Staleness(mark, graph.broken)
        self.events = Facts(session, registry, graph, self.stale, progress)
        self.parked = self.stale.parked
        self.effects: dict[str, Effect] = {}
        self.moved_windows: list[Window] = []

    def facts(self, courier: Courier, log: Path, end: int) -> None:
        """Bring the facts up to the log, and offer them to queries.

        Args:
            courier: Reads the log.
            log: The log's file.
            end: The position of the log's last event.
        """
        self.events.take(courier, log, end)
        for event_type in self.registry.event_types.values():
            self._show(event_type.table, "facts", split=event_type.account != "none")

    def projections(self) -> None:
        """Derive the projections that their inputs or their definition made stale."""
        for count, node in enumerate(self.graph.projections.values()):
            self.progress("projections", count, len(self.graph.projections))
            self._derive(node, self._derive_projection)

    def evidence(self, windows: Sequence[Window]) -> None:
        """Gather the evidence that its inputs, its definition or the windows made stale."""
        known = self.mark.windows
        self.moved_windows = [w for w in windows if known.get(w.period) != (w.t0, w.t1)]
        gone = set(known) - {w.period for w in windows}
        set_windows(self.session, windows)
        self.session.look_at(WHOLE)
        for relation in evidence.ATTRIBUTION:
            if relation in self.graph.projections and relation not in self.parked:
                self.session.run(evidence.holding_statement(relation))
        nodes = [n for n in self.graph.kpis.values() if n.text]
        for count, node in enumerate(nodes):
            self.progress("evidence", count, len(nodes))
            self.effects[node.name] = Effect()
            self._derive(node, self._gather)
        if self.moved_windows or gone:
            self._refresh_anchored(windows, gone)

    def _derive_projection(self, node: Node) -> None:
        if not node.stored:
            self._read_through(node)
            return
        table = f"{STATE}.projections.{name(node.name)}"
        if self.stale.differs(node) or any(r in self.stale.whole for r in node.reads):
            self._make(table, node)
            self.stale.whole.add(node.name)
        elif any(r in self.stale.touched for r in node.reads):
            if self._by_account(table):
                self._mend(table, node.text)
                self.stale.touched.add(node.name)
            elif self._make_if_other(table, node):
                self.stale.whole.add(node.name)
        self._show(node.name, "projections", split=self._by_account(table))

    def _gather(self, node: Node) -> None:
        effect = self.effects[node.name]
        table = evidence.evidence_table(node.name)
        held = [a for a in evidence.ATTRIBUTION if a in self.graph.projections]
        inputs = {*node.reads, *held}
        if self.stale.differs(node) or inputs & self.stale.whole:
            self.session.look_at(WHOLE)
            query = self._attributed(node)
            evidence.create_evidence(self.session, node.name)
            self.session.run(f"INSERT INTO {table} BY NAME {query}")
            effect.whole = True
        elif inputs & self.stale.touched:
            value = self.registry.kpi(node.name).value
            carried = isinstance(value, Latest) and value.carried
            self.session.look_at(PART)
            if "account_id" in self.session.columns(node.text):
                self._mend(table, self._attributed(node))
            else:
                self.session.look_at(WHOLE)
                self._replace(table, self._attributed(node))
            effect.periods |= self._changed_periods(carried=carried)

    def _attributed(self, node: Node) -> str:
        columns = self.session.columns(node.text)
        return evidence.attributed(
            node.text, columns, set(self.graph.projections), f"KPI {node.name}"
        )

    def _refresh_anchored(self, windows: Sequence[Window], gone: set[str]) -> None:
        """Gather evidence anew for windows that moved, where it rests on windows."""
        moved = {w.period for w in self.moved_windows}
        listed = ", ".join(f"'{p}'" for p in sorted(moved | gone))
        set_windows(self.session, self.moved_windows)
        self.session.look_at(WHOLE)
        for node in self.graph.kpis.values():
            effect = self.effects.get(node.name)
            if effect is None or effect.whole or node.name in self.parked:
                continue
            effect.periods |= moved
            if node.anchored:
                self.stale.attempt(node.name, partial(self._gather_moved, node, listed))
        set_windows(self.session, windows)

    def _gather_moved(self, node: Node, periods: str) -> None:
        table = evidence.evidence_table(node.name)
        self.session.run(f"DELETE FROM {table} WHERE period IN ({periods})")
        if self.moved_windows:
            self.session.run(
                f"INSERT INTO {table} BY NAME"
                f" SELECT * FROM ({self._attributed(node)}) WHERE period IS NOT NULL"
            )

    def _show(self, relation: str, schema: str, *, split: bool) -> None:
        """Offer a table to queries: all of it, and its rows of stale accounts and of none."""
        table = f"{STATE}.{schema}.{name(relation)}"
        view = f"CREATE OR REPLACE VIEW memory.{{}}.{name(relation)} AS SELECT * FROM {table}"
        self.session.run(view.format(WHOLE))
        stale = (
            " WHERE coalesce(account_id, '') IN (SELECT account_id FROM stale_accounts"
            " UNION ALL SELECT '')"
            if split
            else ""
        )
        self.session.run(view.format(PART) + stale)

    def _read_through(self, node: Node) -> None:
        """Offer a projection that isn't kept: stale where what it reads is."""
        for schema in (WHOLE, PART):
            self.session.look_at(schema)
            self.session.run(
                f"CREATE OR REPLACE VIEW memory.{schema}.{name(node.name)} AS {node.text}"
            )
        by_account = self._by_account(f"memory.{WHOLE}.{name(node.name)}")
        touched = any(r in self.stale.touched for r in node.reads)
        if self.stale.differs(node) or any(r in self.stale.whole for r in node.reads):
            self.stale.whole.add(node.name)
        elif touched:
            (self.stale.touched if by_account else self.stale.whole).add(node.name)

    def _make(self, table: str, node: Node) -> None:
        self.session.look_at(WHOLE)
        self.session.run(f"CREATE OR REPLACE TABLE {table} AS {node.text}")

    def _make_if_other(self, table: str, node: Node) -> bool:
        """Make a table anew; tell whether its rows are others than before."""
        self.session.look_at(WHOLE)
        self.session.run(f"CREATE OR REPLACE TEMP TABLE other AS {node.text}")
        differs: bool = self.session.value(f"""
            SELECT EXISTS (
                (SELECT * FROM {table} EXCEPT ALL SELECT * FROM other)
                UNION ALL
                (SELECT * FROM other EXCEPT ALL SELECT * FROM {table})
            )
        """)
        if differs:
            self.session.run(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM other")
        return differs

    def _mend(self, table: str, query: str) -> None:
        """Replace the rows of stale accounts, keeping both versions at hand."""
        self.session.look_at(PART)
        self._replace(table, query, "WHERE account_id IN (SELECT account_id FROM stale_accounts)")

    def _replace(self, table: str, query: str, where: str = "") -> None:
        self.session.run(f"CREATE OR REPLACE TEMP TABLE mended AS SELECT * FROM ({query}) {where}")
        self.session.run(f"CREATE OR REPLACE TEMP TABLE outdated AS SELECT * FROM {table} {where}")
        self.session.run(f"DELETE FROM {table} {where}")
        self.session.run(f"INSERT INTO {table} BY NAME SELECT * FROM mended")

    def _changed_periods(self, *, carried: bool) -> set[str]:
        """Return the periods that a row just mended falls into, or stands in if carried."""
        columns = ", ".join(evidence.COLUMNS)
        rows = self.session.rows(f"""
            WITH changed AS (
                (SELECT {columns} FROM mended EXCEPT ALL SELECT {columns} FROM outdated)
                UNION ALL
                (SELECT {columns} FROM outdated EXCEPT ALL SELECT {columns} FROM mended)
            )

            SELECT DISTINCT windows.period
            FROM changed
            INNER JOIN windows
                ON changed.period = windows.period
                OR (
                    changed.period IS NULL
                    AND changed.occurred_at < windows.t1
                    {"" if carried else "AND changed.occurred_at >= windows.t0"}
                )
        """)
        return {row[0] for row in rows}

    def _derive(self, node: Node, derive: Callable[[Node], None]) -> None:
        """Derive what a definition says, unless something that it reads has failed."""
        attribution = tuple(evidence.ATTRIBUTION) if node.layer == "kpi" else ()
        broken = next((r for r in node.reads + attribution if r in self.parked), None)
        if broken is not None:
            self.parked[node.name] = f"it reads {broken}, which failed: {self.parked[broken]}"
            return
        self.stale.attempt(node.name, partial(derive, node))

    def _by_account(self, table: str) -> bool:
        return "account_id" in self.session.columns(f"SELECT * FROM {table}")

    def signed(self, windows: Sequence[Window]) -> Mark:
        """Return the mark of the tables as they are now."""
        layers = (self.graph.facts, self.graph.projections, self.graph.kpis)
        return Mark(
            position=self.events.position,
            recorded_at=self.events.recorded_at,
            first_occurred=self.events.first_occurred,
            fingerprints={
                f"{node.layer}:{node.name}": node.fingerprint
                for layer in layers
                for node in layer.values()
                if node.name not in self.parked
            },
            windows={w.period: (w.t0, w.t1) for w in windows},
            parked=self.parked,
        )
