"""Keeping derived tables true: each is left alone, mended for some accounts, or made anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import pyarrow as pa

from kamengine.courier.client import Courier
from kamengine.engine import decode, evidence
from kamengine.engine.session import PART, STATE, WHOLE, MachineError, Session, name
from kamengine.engine.windows import set_windows
from kamengine.errors import KamengineError
from kamengine.kpi import Latest
from kamengine.periods import Window
from kamengine.plugins import Registry
from kamengine.replay.chunks import CHUNK_ROWS, chunks
from kamengine.replay.graph import Graph, Node
from kamengine.replay.merging import Merging
from kamengine.replay.state import Mark

COMMON_ROWS = 20_000
"""Events of a type in a chunk that are worth a statement of their own."""

MANY_ACCOUNTS = 500
"""Beyond this many stale accounts, making tables anew is cheaper than mending them."""

Progress = Callable[[str, int, int], None]


class Effect(msgspec.Struct):
    """What changed in a KPI's evidence: all of it, or what falls into some periods."""

    whole: bool = False
    periods: set[str] = set()


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
        self.fresh = mark == Mark()
        self.position = mark.position
        self.recorded_at = mark.recorded_at
        self.first_occurred = mark.first_occurred
        self.parked: dict[str, str] = dict(graph.broken)
        self.effects: dict[str, Effect] = {}
        self.moved_windows: list[Window] = []
        self._whole: set[str] = set()
        self._touched: set[str] = set()
        self._merging = Merging(session, registry)
        self._part_views: set[str] = set()

    def facts(self, courier: Courier, log: Path, end: int) -> None:
        """Decode the events that are new, and all events of types whose schema changed.

        Args:
            courier: Reads the log.
            log: The log's file.
            end: The position of the log's last event.
        """
        types = sorted(self.registry.event_types.values(), key=lambda t: t.name)
        decode.set_codes(self.session, types)
        self.session.run("CREATE OR REPLACE TEMP TABLE stale (account_id VARCHAR)")
        changed = [t for t in types if self._differs(self.graph.facts[t.table])]
        for event_type in changed:
            decode.create_facts(self.session, event_type)
            self._whole.add(event_type.table)
        if changed and not self.fresh:
            names = [t.name for t in changed]
            old = courier.events(log, upto=self.mark.position, types=names)
            self._take_in(old, new=False)
        if end > self.mark.position:
            self._take_in(courier.events(log, after=self.mark.position, upto=end), new=True)
        if self._merged_otherwise():
            for event_type in types:
                decode.create_facts(self.session, event_type)
                self._whole.add(event_type.table)
            self._take_in(courier.events(log, upto=self.position), new=False)
        self._merge_accounts()
        self._settle_stale()
        for event_type in types:
            self._show(event_type.table, "facts", split=event_type.account != "none")

    def projections(self) -> None:
        """Derive the projections that their inputs or their definition made stale."""
        for count, node in enumerate(self.graph.projections.values()):
            self.progress("projections", count, len(self.graph.projections))
            self._isolated(node, self._derive_projection)

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
            self._isolated(node, self._gather)
        if self.moved_windows or gone:
            self._refresh_anchored(windows, gone)

    def _derive_projection(self, node: Node) -> None:
        table = f"{STATE}.projections.{name(node.name)}"
        if self._differs(node) or any(r in self._whole for r in node.reads):
            self._make(table, node)
            self._whole.add(node.name)
        elif any(r in self._touched for r in node.reads):
            if self._by_account(table):
                self._mend(table, node.text)
                self._touched.add(node.name)
            elif self._make_if_other(table, node):
                self._whole.add(node.name)
        self._show(node.name, "projections", split=self._by_account(table))

    def _gather(self, node: Node) -> None:
        effect = self.effects[node.name]
        table = evidence.evidence_table(node.name)
        held = [a for a in evidence.ATTRIBUTION if a in self.graph.projections]
        inputs = {*node.reads, *held}
        if self._differs(node) or inputs & self._whole:
            self.session.look_at(WHOLE)
            query = self._attributed(node)
            evidence.create_evidence(self.session, node.name)
            self.session.run(f"INSERT INTO {table} BY NAME {query}")
            effect.whole = True
        elif inputs & self._touched:
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
                table = evidence.evidence_table(node.name)
                self.session.run(f"DELETE FROM {table} WHERE period IN ({listed})")
                if moved:
                    query = self._attributed(node)
                    self.session.run(
                        f"INSERT INTO {table} BY NAME"
                        f" SELECT * FROM ({query}) WHERE period IS NOT NULL"
                    )
        set_windows(self.session, windows)

    def _take_in(self, events: Iterator[pa.RecordBatch], *, new: bool) -> None:
        """Decode events chunk by chunk: common types at once, rare ones when many have come."""
        self.session.run("DROP TABLE IF EXISTS aside")
        for chunk in chunks(events):
            with self.session.lending("incoming", chunk):
                self.session.run(decode.STAGE)
            self.session.run("CREATE TEMP TABLE IF NOT EXISTS aside AS FROM stage LIMIT 0")
            counts = self.session.rows("""
                SELECT code, count(*), count(account_id) FROM stage WHERE code >= 0 GROUP BY code
            """)
            self._touch(counts)
            common = {code for code, rows, _ in counts if rows >= COMMON_ROWS}
            self._decode(common, "stage")
            listed = ", ".join(str(c) for c in sorted(common)) or "-1"
            self.session.run(decode.SET_ASIDE.format(decoded=listed))
            if new:
                self._notice()
            self._decode_aside(CHUNK_ROWS)
        self._decode_aside(1)

    def _decode_aside(self, enough: int) -> None:
        if not self.session.value(
            "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'aside'"
        ):
            return
        codes = self.session.rows("SELECT code, count(*) FROM aside GROUP BY code")
        if sum(rows for _, rows in codes) >= enough:
            self._decode({code for code, _ in codes}, "aside")
            self.session.run("TRUNCATE aside")

    def _decode(self, codes: set[int], staged: str) -> None:
        types = sorted(self.registry.event_types.values(), key=lambda t: t.name)
        for code in sorted(codes):
            self.session.run(decode.insert_statement(types[code], code, staged))

    def _touch(self, counts: Iterable[tuple[int, int, int]]) -> None:
        """Take down which facts are new; one that belongs to no account may concern them all."""
        types = sorted(self.registry.event_types.values(), key=lambda t: t.name)
        for code, rows, with_account in counts:
            table = types[code].table
            if table not in self._whole:
                (self._touched if with_account == rows else self._whole).add(table)

    def _notice(self) -> None:
        """Take down how far the log was read, and whose events were new."""
        position, first, recorded = self.session.rows("""
            SELECT
                max(event_id),
                epoch_us(min(occurred_at)),
                epoch_us(max(recorded_at))
            FROM stage
        """)[0]
        self.position = position
        self.recorded_at = recorded
        known = self.first_occurred
        self.first_occurred = first if known is None else min(first, known)
        if not self.fresh:
            self.session.run(
                "INSERT INTO stale SELECT DISTINCT account_id FROM stage"
                " WHERE account_id IS NOT NULL"
            )
        self.progress("events", self.position, 0)

    def _settle_stale(self) -> None:
        self.session.run(
            "CREATE OR REPLACE TEMP TABLE stale_accounts AS SELECT DISTINCT account_id FROM stale"
        )
        if self.session.value("SELECT count(*) FROM stale_accounts") > MANY_ACCOUNTS:
            self._whole |= self._touched

    def _merge_accounts(self) -> None:
        """Put the facts of merged accounts under the account that they became part of."""
        if not self._merging.find(self.position):
            return
        changed = self._touched | self._whole
        new_merge = bool(self._merging.tables & changed)
        for event_type in self._merging.followers:
            if new_merge or event_type.table in changed:
                self._merging.redirect(event_type)
            if new_merge:
                self._whole.add(event_type.table)
        self.session.run(
            "INSERT INTO stale SELECT merged.into_id FROM merged"
            " INNER JOIN stale ON stale.account_id = merged.account_id"
        )

    def _merged_otherwise(self) -> bool:
        """Tell whether facts were put under an account where they no longer belong."""
        if self.fresh or not self._merging.tables & self._touched:
            return False
        return self._merging.thought_better_of(self.mark.position, self.position)

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

    def _isolated(self, node: Node, derive: Callable[[Node], None]) -> None:
        """Let a definition that fails cost itself and what reads it, and nothing else."""
        attribution = tuple(evidence.ATTRIBUTION) if node.layer == "kpi" else ()
        broken = next((r for r in node.reads + attribution if r in self.parked), None)
        if broken is not None:
            self.parked[node.name] = f"it reads {broken}, which failed: {self.parked[broken]}"
            return
        try:
            derive(node)
        except MachineError:
            raise
        except KamengineError as error:
            self.parked[node.name] = str(error)

    def _by_account(self, table: str) -> bool:
        return "account_id" in self.session.columns(f"SELECT * FROM {table}")

    def _differs(self, node: Node) -> bool:
        return self.mark.fingerprints.get(f"{node.layer}:{node.name}") != node.fingerprint

    def signed(self, windows: Sequence[Window]) -> Mark:
        """Return the mark of the tables as they are now."""
        layers = (self.graph.facts, self.graph.projections, self.graph.kpis)
        return Mark(
            position=self.position,
            recorded_at=self.recorded_at,
            first_occurred=self.first_occurred,
            fingerprints={
                f"{node.layer}:{node.name}": node.fingerprint
                for layer in layers
                for node in layer.values()
                if node.name not in self.parked
            },
            windows={w.period: (w.t0, w.t1) for w in windows},
            parked=self.parked,
        )


def instant(micros: int) -> dt.datetime:
    """Return UTC microseconds as an aware instant."""
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=micros)
