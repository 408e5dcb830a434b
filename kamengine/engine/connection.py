"""A connection to DuckDB: what is run on it, for how long, and how its errors are told."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from kamengine.engine.stopwatch import Stopwatch
from kamengine.errors import ReplayError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

INTERRUPTED = "Query interrupted"
"""What DuckDB makes of a Ctrl-C that reaches it."""


class MachineError(ReplayError):
    """The machine and not the query is at fault: a full disk, a damaged file."""


class LimitError(ReplayError):
    """A query takes more time or memory than it may.

    Args:
        what: What was stopped, as a clause.
        limit: The setting that decides.
        where: Which definition it is of, if that is known.
    """

    def __init__(
        self, what: str, limit: Literal["seconds", "memory"], where: str | None = None
    ) -> None:
        super().__init__(what, where=where, hint=_more(limit))
        self.limit = limit


class Connection:
    """Statements to a database, one after the other.

    Args:
        connection: DuckDB's own.
        seconds: What a `limited` block may take; None for any time.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, seconds: float | None = None) -> None:
        self._connection = connection
        self._seconds = seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close it; a file that it has attached is what the last checkpoint made it."""
        with translated():
            self._connection.close()

    def beside(self) -> Connection:
        """Return another connection to the same database, to be closed by whoever asked for it.

        Temporary tables are each connection's own.
        """
        return Connection(self._connection.cursor(), self._seconds)

    def interrupt(self) -> None:
        """Stop what is being run on it by another thread."""
        self._connection.interrupt()

    @contextlib.contextmanager
    def limited(self) -> Iterator[None]:
        """Stop the queries of the block where it takes too long.

        Raises:
            LimitError: It was stopped.
        """
        import duckdb  # noqa: PLC0415 - as above

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
                        "seconds",
                        error.where,
                    ) from error
                raise

    def run(self, statement: str) -> None:
        """Run a statement for its effect.

        Raises:
            ReplayError: DuckDB refuses it.
        """
        with translated():
            self._connection.execute(statement).fetchall()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a small result."""
        with translated():
            return self._connection.execute(query).fetchall()

    def value(self, query: str) -> Any:
        """Return the one value that a query yields."""
        return self.rows(query)[0][0]

    def table(self, query: str) -> pa.Table:
        """Return a query's result as an Arrow table."""
        with translated():
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

    def look_at(self, schema: str) -> None:
        """Resolve relation names among the views of one schema from here on."""
        self.run(f"SET search_path = 'memory.{schema},memory.main'")

    def columns(self, query: str) -> dict[str, str]:
        """Return the column names and types of a query without running it."""
        return {row[0]: row[1] for row in self.rows(f"DESCRIBE {query}")}


def _more(limit: str) -> str:
    return (
        f"mend the query, or raise `limits: {limit}` in organisation.yaml, apply that, and run"
        " `kamengine replay --retry`"
    )


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Tell DuckDB's errors as the project's own."""
    import duckdb  # noqa: PLC0415 - as above

    try:
        yield
    except duckdb.Error as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        if isinstance(error, duckdb.OutOfMemoryException):
            told = lines[0].removeprefix("Out of Memory Error: ")
            what = f"It needs more memory than it may have ({told})"
            raise LimitError(what, "memory") from error
        machine = isinstance(error, duckdb.IOException | duckdb.FatalException)
        kind = MachineError if machine else ReplayError
        raise kind(lines[0].rstrip(".!")) from error
    except RuntimeError as error:
        if str(error) == INTERRUPTED:
            raise KeyboardInterrupt from error
        raise
