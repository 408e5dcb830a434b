"""A DuckDB session over one state file: the only place that speaks to DuckDB."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from kamengine.engine.stopwatch import Stopwatch
from kamengine.errors import ReplayError
from kamengine.periods import Calendar
from kamengine.settings import Limits

STATE = "state"
"""The name under which the state file is attached."""

READ_ONLY = "READ_ONLY"
NO_WAL = "RECOVERY_MODE no_wal_writes"
"""A state file that is being worked on is kept whole by a copy, not by a log of its own: what
isn't checkpointed when the process dies was never there."""

WHOLE, PART = "whole", "part"
"""Schemas of views: every row of a relation, or only those of stale accounts."""


REPEATED_HOUR = "INTERVAL 1 HOUR"

CTRL_C = "Query interrupted"
"""What DuckDB makes of a Ctrl-C that reaches it."""

MACHINE = (duckdb.IOException, duckdb.FatalException)


class MachineError(ReplayError):
    """The machine and not the query is at fault: a full disk, a damaged file."""


class LimitError(ReplayError):
    """A query takes more time or memory than it may."""


class StateBusyError(ReplayError):
    """Another process holds the state file."""


class Session:
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
        self._seconds: float | None = None
        self._connection = duckdb.connect(config={"memory_limit": memory_limit})
        self.run("SET preserve_insertion_order = false")
        # where DuckDB underestimates the rows on the left, its loop join takes hours for seconds
        self.run("SET asof_loop_join_threshold = 0")
        self.run("SET TimeZone = 'UTC'")
        self.run("SET wal_autocheckpoint = '1TB'")
        if spill is not None:
            self.run(f"SET temp_directory = {quote(str(spill))}")
        try:
            target = quote(str(state)) if state else "':memory:'"
            self.run(f"ATTACH {target} AS {STATE} ({READ_ONLY if read_only else NO_WAL})")
        except ReplayError as error:
            self.close()
            if "lock" in error.what.lower():
                raise StateBusyError("The state is in use", where=str(state)) from error
            raise
        self._prepare(calendar)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def bound(self, limits: Limits) -> None:
        """Stop what costs too much from here on: any query for memory, `limited` blocks for time.

        Args:
            limits: What one definition may cost.
        """
        self.run(f"SET memory_limit = {quote(limits.memory)}")
        if limits.spill is not None:
            self.run(f"SET max_temp_directory_size = {quote(limits.spill)}")
        self._seconds = limits.seconds

    @contextlib.contextmanager
    def limited(self) -> Iterator[None]:
        """Stop the queries of the block where it takes too long.

        Raises:
            LimitError: It was stopped.
        """
        if self._seconds is None:
            yield
            return
        with Stopwatch(self._seconds, self._connection.interrupt) as watch:
            try:
                yield
            except ReplayError as error:
                if watch.ran_out and isinstance(error.__cause__, duckdb.InterruptException):
                    raise LimitError(
                        f"It was stopped after {self._seconds:g} s, which is all that it may take",
                        hint="mend the query, or raise `limits: seconds` in organisation.yaml",
                    ) from error
                raise

    def close(self) -> None:
        """Close the file; what was committed is in it."""
        with _translated():
            self._connection.close()

    def run(self, statement: str) -> None:
        """Run a statement for its effect.

        Raises:
            ReplayError: DuckDB refuses it.
        """
        with _translated():
            self._connection.execute(statement).fetchall()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small result."""
        with _translated():
            return self._connection.execute(query).fetchall()

    def value(self, query: str) -> Any:
        """Return the one value that a query yields."""
        return self.rows(query)[0][0]

    def table(self, query: str) -> pa.Table:
        """Return a query's result as an Arrow table."""
        with _translated():
            return self._connection.sql(query).to_arrow_table()

    @contextlib.contextmanager
    def lending(self, name: str, rows: pa.Table) -> Iterator[None]:
        """Let SQL read an Arrow table under a name for as long as the block lasts."""
        self._connection.register(name, rows)
        try:
            yield
        finally:
            self._connection.unregister(name)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what the block does happen whole or not at all."""
        self.run("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            with contextlib.suppress(ReplayError):
                self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    @contextlib.contextmanager
    def checkpointing(self) -> Iterator[None]:
        """Bring what is in memory to the state file while the block reads from it.

        Where others' transactions are in the way, the next checkpoint does all of it.

        Raises:
            ReplayError: It can't be written.
        """
        beside = self._connection.cursor()
        with contextlib.closing(beside), ThreadPoolExecutor(max_workers=1) as writer:
            written = writer.submit(beside.execute, f"CHECKPOINT {STATE}")
            yield
            with _translated(), contextlib.suppress(duckdb.TransactionException):
                written.result()

    def look_at(self, schema: str) -> None:
        """Resolve relation names among the views of one schema from here on."""
        self.run(f"SET search_path = 'memory.{schema},memory.main'")

    def columns(self, query: str) -> dict[str, str]:
        """Return the column names and types of a query without running it."""
        return {row[0]: row[1] for row in self.rows(f"DESCRIBE {query}")}

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

    Whole numbers of 128 bits would do without a guess, and take ten times as long. They do for
    what is too large to be guessed to a millionth.
    """
    above, below = ("CAST(a AS DECIMAL(38, 6))", "CAST(b AS DECIMAL(38, 6))")
    ratio = f"CAST({above} AS DOUBLE) / nullif(CAST({below} AS DOUBLE), 0)"
    guess = f"CAST(round({ratio}, 6) AS DECIMAL(38, 6))"
    rest = f"({above} - {guess} * {below})"
    twice, step = f"abs(2 * {rest})", f"abs({below} * 0.000001)"
    away = f"sign({rest}) = sign({above})"
    return (
        f"CASE WHEN abs({above}) < 1000000000000000 AND abs({ratio}) < 1000000000"
        f" THEN {guess} + CASE WHEN {twice} > {step} OR ({twice} = {step} AND {away})"
        f" THEN sign({rest}) * sign({below}) * 0.000001 ELSE 0 END"
        f" ELSE {_long_quotient()} END"
    )


def _long_quotient() -> str:
    """Return a over b in whole numbers: the whole part, and millionths of what is left over."""
    above, below = _millionths("a"), f"nullif({_millionths('b')}, 0)"
    rest = f"({above} % {below})"
    # an integer division cuts off: with half of the divisor added it rounds
    rounded = f"(2000000 * {rest} * sign({below}) + sign({rest}) * {below}) // (2 * abs({below}))"
    return (
        f"CAST({above} // {below} AS DECIMAL(38, 6))"
        f" + CAST(CAST({rounded} AS DECIMAL(38, 0)) * 0.000001 AS DECIMAL(38, 6))"
    )


def _millionths(amount: str) -> str:
    exact = f"CAST({amount} AS DECIMAL(38, 6))"
    return (
        f"(CAST(trunc({exact}) AS HUGEINT) * 1000000"
        f" + CAST(({exact} - trunc({exact})) * 1000000 AS HUGEINT))"
    )


def quote(text: str) -> str:
    """Return a text as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def listed(texts: Iterable[str]) -> str:
    """Return texts as SQL string literals between commas; for none, one that nothing equals."""
    return ", ".join(quote(text) for text in sorted(texts)) or "NULL"


def name(identifier: str) -> str:
    """Return a quoted SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        if isinstance(error, duckdb.OutOfMemoryException):
            told = lines[0].removeprefix("Out of Memory Error: ")
            raise LimitError(
                f"It needs more memory than it may have ({told})",
                hint="mend the query, or raise `limits: memory` in organisation.yaml",
            ) from error
        kind = MachineError if isinstance(error, MACHINE) else ReplayError
        raise kind(lines[0].rstrip(".!")) from error
    except RuntimeError as error:
        if str(error) == CTRL_C:
            raise KeyboardInterrupt from error
        raise
