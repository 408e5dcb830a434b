"""Facts kept true: new events decoded, changed schemas decoded anew, merged accounts joined."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa

from kamengine.courier.client import Courier
from kamengine.engine import decode
from kamengine.engine.session import Session, name
from kamengine.event import EventType
from kamengine.plugins import Registry
from kamengine.replay.ahead import ahead
from kamengine.replay.graph import Graph
from kamengine.replay.staleness import Progress, Staleness
from kamengine.replay.state import Mark

CHUNK_ROWS = 400_000
"""Rows decoded at a time: enough to keep DuckDB busy, few enough to stay small in memory."""

COMMON_ROWS = 20_000
"""Events of a type in a chunk that are worth a statement of their own."""

MANY_ACCOUNTS = 500
"""Beyond this many stale accounts, making tables anew is cheaper than mending them."""

MERGED = """
CREATE OR REPLACE TEMP TABLE {table} AS
WITH RECURSIVE stated AS (
{pairs}
),

pairs AS (
    SELECT account_id, arg_max(into_id, (occurred_at, id)) AS into_id
    FROM stated
    GROUP BY account_id
),

-- a chain that leads back into itself never ends: UNION stops where it repeats
chains AS (
    SELECT account_id, into_id
    FROM pairs
    UNION
    SELECT chains.account_id, pairs.into_id
    FROM chains
    INNER JOIN pairs ON chains.into_id = pairs.account_id
)

SELECT account_id, into_id
FROM chains
WHERE into_id NOT IN (SELECT account_id FROM pairs)
"""
"""Accounts with the one at the end of their chain; those in a circle stay as they are."""


class Facts:
    """The fact tables of one state file, brought up to the log.

    Attributes:
        position: The last event in them.
        recorded_at: When that was recorded, in UTC microseconds.
        first_occurred: The earliest moment of any event, in UTC microseconds.
    """

    def __init__(
        self,
        session: Session,
        registry: Registry,
        graph: Graph,
        stale: Staleness,
        progress: Progress,
    ) -> None:
        self.session = session
        self.registry = registry
        self.graph = graph
        self.stale = stale
        self.mark = stale.mark
        self.progress = progress
        self.fresh = self.mark == Mark()
        self.position = self.mark.position
        self.recorded_at = self.mark.recorded_at
        self.first_occurred = self.mark.first_occurred

    def take(self, courier: Courier, log: Path, end: int) -> None:
        """Decode the events that are new, and all events of types whose schema changed.

        Args:
            courier: Reads the log.
            log: The log's file.
            end: The position of the log's last event.
        """
        types = sorted(self.registry.event_types.values(), key=lambda t: t.name)
        decode.set_codes(self.session, types)
        self.session.run("CREATE OR REPLACE TEMP TABLE stale (account_id VARCHAR)")
        changed = [t for t in types if self.stale.differs(self.graph.facts[t.table])]
        for event_type in changed:
            decode.create_facts(self.session, event_type)
            self.stale.whole.add(event_type.table)
        if changed and not self.fresh:
            names = [t.name for t in changed]
            old = courier.events(log, upto=self.mark.position, types=names)
            self._take_in(old, new=False)
        if end > self.mark.position:
            self._take_in(courier.events(log, after=self.mark.position, upto=end), new=True)
        if self._merged_otherwise():
            for event_type in types:
                decode.create_facts(self.session, event_type)
                self.stale.whole.add(event_type.table)
            self._take_in(courier.events(log, upto=self.position), new=False)
        self._merge_accounts()
        self._settle_stale()

    def _take_in(self, events: Iterator[pa.RecordBatch], *, new: bool) -> None:
        """Decode events chunk by chunk: common types at once, rare ones when many have come."""
        self.session.run("DROP TABLE IF EXISTS aside")
        staged = False
        with contextlib.closing(ahead(_chunks(events))) as chunks:
            for chunk in chunks:
                self._take_in_chunk(chunk, new=new)
                staged = True
        if staged:
            self._decode_aside(1)

    def _take_in_chunk(self, chunk: pa.Table, *, new: bool) -> None:
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

    def _decode_aside(self, enough: int) -> None:
        codes = self.session.rows("SELECT code, count(*) FROM aside GROUP BY code")
        if sum(rows for _, rows in codes) >= enough:
            self._decode({code for code, _ in codes}, "aside")
            self.session.run("TRUNCATE aside")

    def _decode(self, codes: set[int], staged: str) -> None:
        types = sorted(self.registry.event_types.values(), key=lambda t: t.name)
        for code in sorted(codes):
            event_type = types[code]
            if event_type.table not in self.stale.parked:
                statement = decode.insert_statement(event_type, code, staged)
                self.stale.attempt(event_type.table, partial(self.session.run, statement))

    def _touch(self, counts: Iterable[tuple[int, int, int]]) -> None:
        """Take down which facts are new; one that belongs to no account may concern them all."""
        types = sorted(self.registry.event_types.values(), key=lambda t: t.name)
        for code, rows, with_account in counts:
            table = types[code].table
            if table not in self.stale.whole:
                (self.stale.touched if with_account == rows else self.stale.whole).add(table)

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
            self.stale.whole |= self.stale.touched

    def _merge_accounts(self) -> None:
        """Put the facts of merged accounts under the account that they became part of."""
        merging = self._merging()
        if not merging:
            return
        self._find_merged("merged", self.position)
        if self.session.value("SELECT count(*) FROM merged") == 0:
            return
        new_merge = any(t.table in self.stale.touched | self.stale.whole for t in merging)
        for event_type in self.registry.event_types.values():
            table = event_type.table
            fresh = new_merge or table in self.stale.touched | self.stale.whole
            if event_type.merges_into or not event_type.follows_merge or not fresh:
                continue
            self.session.run(
                f"UPDATE {decode.fact_table(event_type)} AS facts SET account_id = merged.into_id"
                " FROM merged WHERE facts.account_id = merged.account_id"
            )
            if new_merge:
                self.stale.whole.add(table)
        self.session.run(
            "INSERT INTO stale SELECT merged.into_id FROM merged"
            " INNER JOIN stale ON stale.account_id = merged.account_id"
        )

    def _merged_otherwise(self) -> bool:
        """Tell whether facts were put under an account where they no longer belong."""
        if self.fresh or not any(t.table in self.stale.touched for t in self._merging()):
            return False
        self._find_merged("merged", self.position)
        self._find_merged("merged_before", self.mark.position)
        found: bool = self.session.value("""
            SELECT EXISTS (
                SELECT 1
                FROM merged_before
                LEFT JOIN merged USING (account_id)
                LEFT JOIN merged AS onward ON onward.account_id = merged_before.into_id
                WHERE merged.into_id
                    IS DISTINCT FROM coalesce(onward.into_id, merged_before.into_id)
            )
        """)
        return found

    def _merging(self) -> list[EventType]:
        return [t for t in self.registry.event_types.values() if t.merges_into]

    def _find_merged(self, table: str, upto: int) -> None:
        pairs = "\nUNION ALL\n".join(
            f"SELECT account_id, {name(str(t.merges_into))} AS into_id, occurred_at, id"
            f" FROM {decode.fact_table(t)} WHERE event_id <= {upto}"
            for t in self._merging()
        )
        self.session.run(MERGED.format(table=table, pairs=pairs))


def _chunks(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Gather batches into tables of a size that is worth a statement."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= CHUNK_ROWS:
            yield pa.Table.from_batches(held)
            held, rows = [], 0
    if rows:
        yield pa.Table.from_batches(held)
