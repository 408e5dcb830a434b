"""Facts kept true: new events decoded, changed schemas decoded anew, merged accounts joined."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from kamengine.courier.client import Courier
from kamengine.engine import decode
from kamengine.engine.lanes import Lanes, running
from kamengine.engine.session import SHARED, Session, name, quote
from kamengine.event import EventType
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry
from kamengine.replay import renewal
from kamengine.replay.ahead import ahead
from kamengine.replay.amendments import Amendments
from kamengine.replay.graph import Graph, Node
from kamengine.replay.staleness import Progress, Staleness
from kamengine.replay.state import Mark
from kamengine.replay.steps import Step

Counts: TypeAlias = Sequence[tuple[int, int, int]]
"""Code of an event type, how many events of it, and how many of these name an account."""

Notice: TypeAlias = Callable[[Counts], None]

Reached = Callable[[Step, Callable[[], None]], None]
"""Told of each step, and what must be done before the tables can be saved."""

CHUNK_ROWS = 400_000
"""Rows decoded at a time: enough to keep DuckDB busy, few enough to stay small in memory."""

FIRST_PART = 4
"""The first chunk is one part in so many of a full one, and the next are twice the one before:
until a chunk is there, nobody has work."""

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
        settled: Up to which event facts stand under the account that theirs became part of.
        renewed: The accounts whose facts were decoded anew because somebody wished it.
    """

    def __init__(
        self,
        session: Session,
        registry: Registry,
        graph: Graph,
        stale: Staleness,
        progress: Progress,
        reached: Reached,
    ) -> None:
        self.session = session
        self.registry = registry
        self.graph = graph
        self.stale = stale
        self.mark = stale.mark
        self.progress = progress
        self.reached = reached
        self.fresh = self.mark == Mark()
        self.position = self.mark.position
        self.recorded_at = self.mark.recorded_at
        self.first_occurred = self.mark.first_occurred
        self.settled = self.mark.settled
        self.renewed: tuple[str, ...] = ()
        self.amendments = Amendments(session)
        self._first_retracted = False
        self._end = self.mark.position
        self._log: Path | None = None

    def take(self, courier: Courier, log: Path, end: int, account: str | None = None) -> None:
        """Decode the events that are new, and all events of types whose schema changed.

        Args:
            courier: Reads the log.
            log: The log's file.
            end: The position of the log's last event.
            account: One account all of whose events are to be decoded anew.

        Raises:
            UnknownNameError: No event belongs to that account.
        """
        self._log, self._end = log, max(end, self.mark.position)
        types = sorted(self.registry.fact_types.values(), key=lambda t: t.name)
        decode.set_codes(self.session, types)
        self.session.run("CREATE OR REPLACE TEMP TABLE stale (account_id VARCHAR)")
        self.amendments.take(courier, log, self.mark.position, end)
        changed = [t for t in types if self._is_to_be_made(self.graph.facts[t.table])]
        for event_type in changed:
            decode.create_facts(self.session, event_type)
            self.stale.whole.add(event_type.table)
        if changed and not self.fresh:
            names = [t.name for t in changed]
            old = courier.events(log, upto=self.mark.position, types=names)
            self._take_in(old)
        self._take_amended(courier, log)
        if end > self.mark.position:
            coming = courier.events(log, after=self.mark.position, upto=end)
            self._take_in(coming, self._go_on, saved=True)
        self._put_first_right(courier, log, end)
        if self._merged_otherwise():
            for event_type in types:
                decode.create_facts(self.session, event_type)
                self.stale.whole.add(event_type.table)
            self._take_in(courier.events(log, upto=self.position))
        changed_tables = self.stale.touched | self.stale.whole
        new_merge = self._is_unsettled() or any(t.table in changed_tables for t in self._merging())
        if account is not None:
            self._renew(courier, log, account)
            if len(self.renewed) > 1:
                changed_tables |= self.stale.touched
        self._merge_accounts(changed_tables, new_merge=new_merge)
        self.settled = self.position
        self._settle_stale()
        self.reached(Step.FACTS, lambda: None)

    def hash(self) -> str:
        """Return the hash of the last event in them, in hexadecimal."""
        if self._log is None:
            return self.mark.hash
        return SQLiteEventLog(self._log).head(upto=self.position).hash.hex()

    def _take_amended(self, courier: Courier, log: Path) -> None:
        """Decode those events again of which others have said something since."""
        if self.amendments.amended:
            if self._merging():
                self._find_merged("merged_before", self.mark.settled)
            again = courier.events(log, positions=self.amendments.amended)
            self._take_in(again, self._take_anew)

    def _put_first_right(self, courier: Courier, log: Path, end: int) -> None:
        """Where the very first event never was, ask the log which is the first: nobody else knows.

        It may be of a type that no pack registers, and then it isn't among the facts.
        """
        if self._first_retracted:
            without = self.amendments.retracted()
            self.first_occurred = courier.earliest(log, upto=end, without=without)

    def _take_in(
        self,
        events: Iterator[pa.RecordBatch],
        notice: Notice = lambda _counts: None,
        *,
        saved: bool = False,
    ) -> bool:
        """Decode events chunk by chunk: common types at once, rare ones when many have come.

        Args:
            events: The events, oldest first.
            notice: Looks at each chunk when it is staged, and not decoded yet.
            saved: Whether a replay that breaks off may go on after any of the chunks.

        Returns:
            Whether there were any.
        """
        self.session.run("DROP TABLE IF EXISTS aside")
        staged = False
        with contextlib.closing(ahead(_chunks(events))) as chunks:
            for chunk in chunks:
                self._take_in_chunk(chunk, notice)
                staged = True
                if saved:
                    self.reached(Step.CHUNK, partial(self._decode_aside, 1))
        if staged:
            self._decode_aside(1)
        return staged

    def _take_in_chunk(self, chunk: pa.Table, notice: Notice) -> None:
        with self.session.lending("incoming", chunk):
            self.session.run(decode.STAGE)
        self.session.run(f"CREATE TABLE IF NOT EXISTS {SHARED}.aside AS FROM stage LIMIT 0")
        counts = self.session.rows("""
            SELECT code, count(*), count(account_id) FROM stage WHERE code >= 0 GROUP BY code
        """)
        self._touch(counts)
        self.amendments.apply()
        notice(counts)
        common = {code for code, rows, _ in counts if rows >= COMMON_ROWS}
        self._decode(common, "stage")
        listed = ", ".join(str(c) for c in sorted(common)) or "-1"
        self.session.run(decode.SET_ASIDE.format(decoded=listed))
        self._decode_aside(CHUNK_ROWS)

    def _decode_aside(self, enough: int) -> None:
        codes = self.session.rows("SELECT code, count(*) FROM aside GROUP BY code")
        if sum(rows for _, rows in codes) >= enough:
            self._decode({code for code, _ in codes}, "aside")
            self.session.run("TRUNCATE aside")

    def _decode(self, codes: set[int], staged: str) -> None:
        types = sorted(self.registry.fact_types.values(), key=lambda t: t.name)
        jobs = {
            types[code].table: running(decode.insert_statement(types[code], code, staged))
            for code in sorted(codes)
            if types[code].table not in self.stale.parked
        }
        with Lanes(self.session, jobs) as decoded:
            for table, outcome in decoded:
                self.stale.heed(self.graph.facts[table], outcome)

    def _touch(self, counts: Counts) -> None:
        """Take down which facts are new; one that belongs to no account may concern them all."""
        types = sorted(self.registry.fact_types.values(), key=lambda t: t.name)
        for code, rows, with_account in counts:
            table = types[code].table
            if table not in self.stale.whole:
                (self.stale.touched if with_account == rows else self.stale.whole).add(table)

    def _go_on(self, counts: Counts) -> None:  # noqa: ARG002 - what was counted is known to all
        """Take down how far the log was read, and whose events were new."""
        self.position, self.recorded_at = self.session.rows(
            "SELECT max(event_id), epoch_us(max(recorded_at)) FROM stage"
        )[0]
        self._notice()
        before = self.mark.position
        self.progress("events", self.position - before, self._end - before)

    def _take_anew(self, counts: Counts) -> None:
        """Forget what was decoded from staged events that others have amended since."""
        types = sorted(self.registry.fact_types.values(), key=lambda t: t.name)
        for code, _, _ in counts:
            table = decode.fact_table(types[code])
            self.session.run(f"DELETE FROM {table} WHERE event_id IN (SELECT event_id FROM stage)")
        first = self.session.value(
            f"SELECT epoch_us(min(occurred_at)) FROM stage WHERE code = {decode.RETRACTED}"
        )
        self._first_retracted |= first is not None and first == self.first_occurred
        self._notice()

    def _notice(self) -> None:
        """Take down since when there are events, and whose accounts are concerned."""
        first = self.session.value(
            f"SELECT epoch_us(min(occurred_at)) FROM stage WHERE code >= {decode.UNKNOWN}"
        )
        known = [moment for moment in (first, self.first_occurred) if moment is not None]
        self.first_occurred = min(known, default=None)
        if not self.fresh:
            self.session.run(
                "INSERT INTO stale SELECT DISTINCT account_id FROM stage"
                " WHERE account_id IS NOT NULL"
            )

    def _settle_stale(self) -> None:
        self.session.run(
            f"CREATE OR REPLACE TABLE {SHARED}.stale_accounts AS"
            " SELECT DISTINCT account_id FROM stale"
        )
        if self.session.value("SELECT count(*) FROM stale_accounts") > MANY_ACCOUNTS:
            self.stale.whole |= self.stale.touched

    def _renew(self, courier: Courier, log: Path, account: str) -> None:
        """Decode all events of an account anew, and of those that were merged with it."""
        accounts: tuple[str, ...] = (account,)
        if self._merging():
            self._find_merged("merged", self.position)
            accounts = renewal.family(self.session, account)
        types = self.registry.fact_types.values()
        for event_type in renewal.forget(self.session, types, accounts):
            self.stale.touched.add(event_type.table)
        if not self._take_in(courier.events(log, upto=self.position, accounts=accounts)):
            raise renewal.unknown(self.session, types, account)
        for each in accounts:
            self.session.run(f"INSERT INTO stale VALUES ({quote(each)})")
        self.renewed = accounts

    def _merge_accounts(self, changed: set[str], *, new_merge: bool) -> None:
        """Put the facts of merged accounts under the account that they became part of."""
        merging = self._merging()
        if not merging:
            return
        self._find_merged("merged", self.position)
        if self.session.value("SELECT count(*) FROM merged") == 0:
            return
        for event_type in self.registry.fact_types.values():
            table = event_type.table
            fresh = new_merge or table in changed
            if event_type.merges_into or not event_type.follows_merge or not fresh:
                continue
            # older rows were put there when they came, unless they were decoded again
            again = new_merge or table in self.stale.whole or self.amendments.amended
            after = 0 if again or self.renewed else self.mark.position
            self.session.run(
                f"UPDATE {decode.fact_table(event_type)} AS facts SET account_id = merged.into_id"
                " FROM merged WHERE facts.account_id = merged.account_id"
                f" AND facts.event_id > {after}"
            )
            if new_merge:
                self.stale.whole.add(table)
        self.session.run(
            "INSERT INTO stale SELECT merged.into_id FROM merged"
            " INNER JOIN stale ON stale.account_id = merged.account_id"
        )

    def _merged_otherwise(self) -> bool:
        """Tell whether facts were put under an account where they no longer belong."""
        merging = self._merging()
        told = any(t.table in self.stale.touched for t in merging)
        if self.fresh or not merging or not (told or self._is_unsettled()):
            return False
        self._find_merged("merged", self.position)
        if not self.amendments.amended:  # they may have changed what was merged before
            self._find_merged("merged_before", self.mark.settled)
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

    def _is_to_be_made(self, node: Node) -> bool:
        """Tell whether all events of a type are to be decoded; what failed once fails again."""
        return self.stale.differs(node) and not self.stale.stays_parked(node)

    def _is_unsettled(self) -> bool:
        """Tell whether the replay before broke off ere it put facts under other accounts."""
        return self.mark.settled < self.mark.position

    def _merging(self) -> list[EventType]:
        return [t for t in self.registry.fact_types.values() if t.merges_into]

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
    rows, enough = 0, CHUNK_ROWS // FIRST_PART
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= enough:
            yield pa.Table.from_batches(held)
            held, rows, enough = [], 0, min(2 * enough, CHUNK_ROWS)
    if rows:
        yield pa.Table.from_batches(held)
