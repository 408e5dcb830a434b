"""This side of the courier: starts the process, asks it for events, hands it values."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

import pyarrow as pa

from kamengine.errors import LogError, ReplayError
from kamengine.vocabulary import AMENDING, EVENT_RETRACTED, OWN

MAX_POSITION = 2**62

PROCESS = Path(__file__).with_name("process.py")
"""Run as a file: as a module it would import the package around it first, and it needs nothing of
that."""


class Courier:
    """A child process that reads the log and writes the values; started when first needed.

    It serves one request at a time. Use it as a context manager, or `close` it.

    Args:
        selecting: SQL over the log's columns: the condition of the events that it knows of. A
            history that never was is made so, to tell what one kind of event did.
    """

    def __init__(self, selecting: str = "TRUE") -> None:
        self._selecting = selecting
        self._process: subprocess.Popen[bytes] | None = None
        self._reading = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start the process ahead of the first request, so that its start-up costs nothing."""
        self._running()

    def close(self) -> None:
        """End the process. A request under way is dropped, and with it its transaction."""
        process, self._process, self._reading = self._process, None, False
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                cast("IO[bytes]", pipe).close()

    def events(
        self,
        log: Path,
        *,
        after: int = 0,
        upto: int = MAX_POSITION,
        types: Iterable[str] | None = None,
        accounts: Iterable[str] | None = None,
        positions: Iterable[int] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the events after a position up to and including another, as Arrow batches.

        Args:
            log: The log's SQLite file.
            after: The position before the first one wanted.
            upto: The last position wanted.
            types: Only events of these types; None for all.
            accounts: Only events of these accounts; None for all.
            positions: Only the events there; None for all.

        Raises:
            LogError: The file can't be read.
        """
        yield from self._read(
            log,
            "events",
            after=after,
            upto=upto,
            types=sorted(types) if types is not None else None,
            accounts=sorted(accounts) if accounts is not None else None,
            positions=sorted(positions) if positions is not None else None,
        )

    def amendments(self, log: Path, *, after: int = 0, upto: int) -> Iterator[pa.RecordBatch]:
        """Yield the amendments after a position up to and including another.

        Their columns: position, id, whether it retracts, the position of what it amends, and of
        a correction the payload and its version. One whose target isn't in the log is left out.

        Args:
            log: The log's SQLite file.
            after: The position before the first one wanted.
            upto: The last position wanted.

        Raises:
            LogError: The file can't be read.
        """
        yield from self._read(
            log,
            "amendments",
            after=after,
            upto=upto,
            own=sorted(OWN),
            types=sorted(AMENDING),
            retracting=EVENT_RETRACTED.name,
        )

    def earliest(self, log: Path, *, upto: int, without: Iterable[int]) -> int | None:
        """Return when the first event of all occurred, in UTC microseconds; it reads the whole log.

        Args:
            log: The log's SQLite file.
            upto: The last position that counts.
            without: Positions that don't.

        Raises:
            LogError: The file can't be read.
        """
        batches = self._read(log, "earliest", upto=upto, own=sorted(OWN), without=sorted(without))
        found: int | None = pa.Table.from_batches(batches)["occurred_at"][0].as_py()
        return found

    def rows(self, database: Path, query: str) -> Iterator[pa.RecordBatch]:
        """Yield what a query on a SQLite file returns, as Arrow batches.

        The driver takes a column's type from its first rows: no column may hold NULLs, nor
        numbers of several types.

        Args:
            database: The SQLite file.
            query: One SELECT.

        Raises:
            ReplayError: The file can't be read.
        """
        request: dict[str, object] = {"do": "query", "path": str(database.absolute()), "sql": query}
        yield from self._stream(request, ReplayError, "The values can't be read", database)

    def _read(self, log: Path, what: str, **asked: object) -> Iterator[pa.RecordBatch]:
        request = {"do": "read", "path": str(log.absolute()), "what": what, **asked}
        request["selecting"] = self._selecting
        yield from self._stream(request, LogError, "The log can't be read", log)

    def _stream(
        self,
        request: dict[str, object],
        kind: type[LogError] | type[ReplayError],
        what: str,
        path: Path,
    ) -> Iterator[pa.RecordBatch]:
        process = self._running()
        self._send(process, request)
        self._confirm(process, kind, what, path)
        self._reading = True
        try:
            with pa.ipc.open_stream(_stdout(process)) as stream:
                yield from stream
            self._reading = False
        except (pa.ArrowException, OSError) as error:
            self.close()
            raise kind(f"{what}: it broke off", where=str(path)) from error

    @contextlib.contextmanager
    def writing(self, database: Path) -> Iterator[Writer]:
        """Open one transaction on a SQLite file; leaving the block commits it, and nothing else.

        Args:
            database: The SQLite file.

        Raises:
            ReplayError: The file can't be written; it is as it was.
        """
        process = self._running()
        self._send(process, {"do": "write", "path": str(database.absolute())})
        try:
            writer = Writer(_stdin(process))
            yield writer
            writer.step({"do": "commit"})
        except (BrokenPipeError, pa.ArrowException) as error:
            self._confirm(process, ReplayError, "The values can't be written", database)
            raise ReplayError("Writing the values broke off", where=str(database)) from error
        except BaseException:
            self.close()
            raise
        self._confirm(process, ReplayError, "The values can't be written", database)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._reading:  # a reader that stopped half-way left rows in the pipe
            self.close()
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(  # noqa: S603 - nobody else says what is run
                [sys.executable, "-P", str(PROCESS)],  # -P: nothing is imported from this folder
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self._process

    def _send(self, process: subprocess.Popen[bytes], request: dict[str, object]) -> None:
        try:
            _stdin(process).write(json.dumps(request).encode() + b"\n")
            _stdin(process).flush()
        except BrokenPipeError as error:
            self.close()
            raise ReplayError("The courier process ended unexpectedly") from error

    def _confirm(
        self,
        process: subprocess.Popen[bytes],
        kind: type[LogError] | type[ReplayError],
        what: str,
        path: Path,
    ) -> None:
        line = _stdout(process).readline()
        answer = json.loads(line) if line else {"ok": False, "error": "the courier process ended"}
        if not answer["ok"]:
            self.close()
            raise kind(f"{what} ({_first_line(str(answer['error']))})", where=str(path))


class Writer:
    """Sends statements and rows into the transaction that `Courier.writing` opened."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe

    def run(self, statement: str) -> None:
        """Send a statement."""
        self.step({"sql": statement})

    def send(self, table: str, reader: pa.RecordBatchReader) -> None:
        """Send rows to append to a table."""
        self.step({"into": table})
        with pa.ipc.new_stream(self._pipe, reader.schema) as stream:
            for batch in reader:
                stream.write_batch(batch)
        self._pipe.flush()

    def step(self, message: dict[str, str]) -> None:
        """Say what comes next."""
        self._pipe.write(json.dumps(message).encode() + b"\n")
        self._pipe.flush()


def _stdin(process: subprocess.Popen[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", process.stdin)


def _stdout(process: subprocess.Popen[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", process.stdout)


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no reason given"
