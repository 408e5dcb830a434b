"""A DuckDB session over one state file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kamengine.engine.connection import Connection, translated
from kamengine.errors import ReplayError
from kamengine.periods import Calendar
from kamengine.settings import Limits

if TYPE_CHECKING:
    import pyarrow as pa

STATE = "state"
"""The name under which the state file is attached."""

READ_ONLY = "READ_ONLY"
NO_WAL = "RECOVERY_MODE no_wal_writes"
"""A state file that is being worked on is kept whole by a copy, not by a log of its own: what
isn't checkpointed when the process dies was never there."""

GROUP_ROWS = "ROW_GROUP_SIZE 20480"
"""A processor compresses and reads a group of rows by itself. In groups of the usual 122,880,
most tables would be one processor's work; files grow by a sixth. A file may have groups of
several sizes."""

SHARED = "memory.main"
"""Where tables stand that every connection to the database is to see; a temporary one is seen by
the connection that made it."""

WHOLE, PART = "whole", "part"
"""Schemas of views: every row of a relation, or only those of stale accounts."""


REPEATED_HOUR = "INTERVAL 1 HOUR"


class Unbound(msgspec.Struct, frozen=True):
    """Why a query can't be bound to the relations that there are.

    Attributes:
        message: DuckDB's words.
        offset: The character of the query at which it stumbles.
    """

    message: str
    offset: int


class StateBusyError(ReplayError):
    """Another process holds the state file."""


class Session(Connection):
    """An in-memory DuckDB with one state file attached.

    Args:
        state: The state file; None for a session without one.
        calendar: Pins the macros that speak of days.
        read_only: Whether other processes may have the file open too.
        memory_limit: In DuckDB's notation; beyond it, work spills to ``spill``.
        spill: The folder for that.

    Raises:
        StateBusyError: Another process has the file open.
    """

    def __init__(
        self,
        state: Path | None,
        calendar: Calendar,
        *,
        read_only: bool = False,
        memory_limit: str = "800MB",
        spill: Path | None = None,
    ) -> None:
        import duckdb  # noqa: PLC0415 - it is slow to import, and many a command does without

        super().__init__(duckdb.connect(config={"memory_limit": memory_limit}))
        self.run("SET preserve_insertion_order = false")
        # where DuckDB underestimates the rows on the left, its loop join takes hours for seconds
        self.run("SET GLOBAL asof_loop_join_threshold = 0")
        self.run("SET GLOBAL TimeZone = 'UTC'")
        self.run("SET wal_autocheckpoint = '1TB'")
        self.run("PRAGMA disable_checkpoint_on_shutdown")
        if spill is not None:
            self.run(f"SET temp_directory = {quote(str(spill))}")
        try:
            target = quote(str(state)) if state else "':memory:'"
            how = READ_ONLY if read_only else f"{NO_WAL}, {GROUP_ROWS}"
            self.run(f"ATTACH {target} AS {STATE} ({how})")
        except ReplayError as error:
            self.close()
            if "lock" in error.what.lower():
                raise StateBusyError("The state is in use", where=str(state)) from error
            raise
        self._prepare(calendar)

    def bound(self, limits: Limits) -> None:
        """Stop what costs too much from here on: any query for memory, `limited` blocks for time.

        Args:
            limits: What one definition may cost.
        """
        self.run(f"SET memory_limit = {quote(limits.memory)}")
        if limits.spill is not None:
            self.run(f"SET max_temp_directory_size = {quote(limits.spill)}")
        self._seconds = limits.seconds

    def checkpoint(self) -> None:
        """Bring the state file on the disk to what was committed; nothing else does.

        Raises:
            MachineError: It can't be written.
        """
        self.run(f"CHECKPOINT {STATE}")

    def share(self, table: str, rows: pa.Table) -> None:
        """Keep rows in a table that every connection sees, instead of what it held before."""
        with self.lending("lent", rows):
            self.run(f"CREATE OR REPLACE TABLE {SHARED}.{table} AS SELECT * FROM lent")

    @contextlib.contextmanager
    def checkpointing(self) -> Iterator[None]:
        """Bring what is in memory to the state file while the block reads from it.

        Where others' transactions are in the way, the next checkpoint does all of it.

        Raises:
            ReplayError: It can't be written.
        """
        import duckdb  # noqa: PLC0415 - as above

        beside = self._connection.cursor()
        with contextlib.closing(beside), ThreadPoolExecutor(max_workers=1) as writer:
            written = writer.submit(beside.execute, f"CHECKPOINT {STATE}")
            yield
            with translated(), contextlib.suppress(duckdb.TransactionException):
                written.result()

    def unbound(self, query: str) -> Unbound | None:
        """Return why and where a query can't be bound, or None where it can."""
        asked = f"DESCRIBE {query}"
        self.run("SET errors_as_json = true")
        import duckdb  # noqa: PLC0415 - as above

        try:
            self._connection.execute(asked)
        except duckdb.Error as error:
            return _unbound(str(error), asked)
        finally:
            self.run("SET errors_as_json = false")
        return None

    def _prepare(self, calendar: Calendar) -> None:
        for macro in macros(calendar):
            self.run(macro)
        self.run(f"CREATE SCHEMA {WHOLE}")
        self.run(f"CREATE SCHEMA {PART}")


def macros(calendar: Calendar) -> tuple[str, ...]:
    """Return the statements that make the functions which every definition's SQL may call."""
    zone = quote(calendar.time_zone.key)
    to_utc, to_local = "CAST(d AS TIMESTAMP)", "CAST(t AS DATE)"
    if calendar.time_zone.key != "UTC":
        # where a clock goes back over midnight, the day begins at the first of the two
        late = f"timezone({zone}, CAST(d AS TIMESTAMP))"
        early = f"{late} - {REPEATED_HOUR}"
        to_utc = (
            f"timezone('UTC', CASE WHEN timezone({zone}, {early}) = CAST(d AS TIMESTAMP)"
            f" THEN {early} ELSE {late} END)"
        )
        to_local = f"CAST(timezone({zone}, timezone('UTC', t)) AS DATE)"
    return (
        f"CREATE MACRO local_start(d) AS {to_utc}",
        f"CREATE MACRO local_date(t) AS {to_local}",
        "CREATE MACRO seconds_between(a, b) AS"
        " CAST(epoch_us(b) - epoch_us(a) AS DECIMAL(18, 0)) * 0.000001",
        f"CREATE MACRO quotient(a, b) AS CAST({_quotient()} AS DECIMAL(38, 6))",
        "CREATE MACRO months_after(d, n) AS CAST(CAST(d AS DATE) + to_months(n) AS DATE)",
        "CREATE MACRO iso_weekday(d) AS isodow(CAST(d AS DATE))",
    )


def _quotient() -> str:
    """Return a over b: guessed in floating point, then put right by what the guess leaves over.

    Signs are set aside, and half a millionth is added, so that cutting off rounds. The guess is
    off by a millionth at most, and what it leaves over is exact, which tells by how much. An
    argument is planned anew for each time that it is mentioned here: so the text is short.

    Whole numbers of 128 bits would do without a guess, and take ten times as long. They do for
    what is too large to be guessed to a millionth.
    """
    above, below = "abs(CAST(a AS DECIMAL(38, 6)))", "abs(CAST(b AS DECIMAL(38, 6)))"
    about, by = f"CAST({above} AS DOUBLE)", f"CAST({below} AS DOUBLE)"
    guess = f"CAST(floor({about} / {by} * 1000000 + 0.5) AS DECIMAL(18, 0))"
    rest = f"CAST(2000000 * {above} + {below} - 2 * {below} * {guess} AS DOUBLE)"
    return (
        f"sign(a) * sign(b) * CASE WHEN {by} < 1e9 AND {about} < 1e9 * {by}"
        f" THEN ({guess} + CAST(floor({rest} / (2 * {by})) AS DECIMAL(1, 0))) * 0.000001"
        f" ELSE {_long_quotient()} END"
    )


def _long_quotient() -> str:
    """Return the same in whole numbers: the whole part, and millionths of what is left over."""
    above, below = _millionths("a"), f"nullif({_millionths('b')}, 0)"
    rounded = f"(2000000 * ({above} % {below}) + {below}) // (2 * {below})"
    return (
        f"CAST({above} // {below} AS DECIMAL(38, 6))"
        f" + CAST(CAST({rounded} AS DECIMAL(38, 0)) * 0.000001 AS DECIMAL(38, 6))"
    )


def _millionths(amount: str) -> str:
    """Return an amount without its sign in millionths; as a number it could grow too large."""
    exact = f"CAST(abs(CAST({amount} AS DECIMAL(38, 6))) AS VARCHAR)"
    return f"CAST(replace({exact}, '.', '') AS HUGEINT)"


def quote(text: str) -> str:
    """Return a text as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def listed(texts: Iterable[str]) -> str:
    """Return texts as SQL string literals between commas; for none, one that nothing equals."""
    return ", ".join(quote(text) for text in sorted(texts)) or "NULL"


def name(identifier: str) -> str:
    """Return a quoted SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def _unbound(error: str, asked: str) -> Unbound:
    """Read an error that DuckDB wrote as JSON; its position counts bytes."""
    told = msgspec.json.decode(error[error.index("{") :], type=dict[str, str])
    before = asked.encode()[: int(told.get("position", 0))].decode(errors="ignore")
    offset = max(len(before) - len("DESCRIBE "), 0)
    return Unbound(told["exception_message"], offset)
