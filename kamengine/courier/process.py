"""The courier: a child process that carries Arrow batches between SQLite files and the engine.

The ADBC driver moves millions of rows a second, but it brings a SQLite library of its own, and
two SQLite libraries with the same file open in one process can drop each other's locks (see
"How To Corrupt An SQLite Database File", 2.2.1). So the driver lives in a process where it is
the only one. Requests are JSON lines on stdin, answers JSON lines on stdout; rows follow their
line as an Arrow IPC stream.

The driver is used by its low-level interface: the one for Python's databases would load all of
Arrow's datasets, which takes longer than to answer for a single event.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any
from urllib.parse import quote

import adbc_driver_manager as adbc
import adbc_driver_sqlite
import pyarrow as pa

BATCH_ROWS = 65_536
BATCHES = adbc_driver_sqlite.StatementOptions.BATCH_ROWS.value

BUSY = "PRAGMA busy_timeout = 60000"
"""Whoever closes a file last has it alone for a moment; the driver wouldn't wait by itself."""

GIVE_UP = '{"do": "give up"}'
"""What it means when the other side hangs up amid a transaction."""

READ_EVENTS = """
SELECT
    position,
    id,
    type,
    version,
    coalesce(account_id, '') AS account_id,
    coalesce(manager_id, '') AS manager_id,
    occurred_at,
    recorded_at,
    coalesce(source, '') AS source,
    data
FROM events
WHERE position > {after} AND position <= {upto} {types} {accounts} {positions} AND {selecting}
ORDER BY position
"""

READ_AMENDMENTS = """
WITH chosen AS (
    SELECT *
    FROM events
    WHERE
        position > {after}
        AND position <= {upto}
        AND type IN ({own})
        AND type IN ({types})
        AND {selecting}
)

SELECT
    amendment.position,
    amendment.id,
    amendment.type = {retracting} AS retracts,
    target.position AS target,
    coalesce(amendment.data ->> 'version', target.version) AS version,
    coalesce(amendment.data -> 'data', '') AS data
FROM chosen AS amendment
INNER JOIN events AS target
    ON target.id = amendment.data ->> 'target_id'
    AND target.position < amendment.position
ORDER BY amendment.position
"""
"""The list of the engine's own types lets SQLite use the index that the log keeps of them."""

READ_EARLIEST = """
SELECT min(occurred_at) AS occurred_at
FROM events
WHERE position <= {upto} AND type NOT IN ({own}) AND position NOT IN ({without})
    AND {selecting}
"""

Answer = Callable[[dict[str, object]], None]
Request = dict[str, Any]


def _events(request: Request) -> str:
    types, positions = _texts(request["types"]), _numbers(request["positions"])
    return READ_EVENTS.format(
        after=int(request["after"]),
        upto=int(request["upto"]),
        types=f"AND type IN ({types})" if request["types"] is not None else "",
        accounts=_among("account_id", request["accounts"]),
        positions=f"AND position IN ({positions})" if request["positions"] is not None else "",
        selecting=request["selecting"],
    )


def _amendments(request: Request) -> str:
    return READ_AMENDMENTS.format(
        after=int(request["after"]),
        upto=int(request["upto"]),
        own=_texts(request["own"]),
        types=_texts(request["types"]),
        retracting=_texts([request["retracting"]]),
        selecting=request["selecting"],
    )


def _earliest(request: Request) -> str:
    return READ_EARLIEST.format(
        upto=int(request["upto"]),
        own=_texts(request["own"]),
        without=_numbers(request["without"]),
        selecting=request["selecting"],
    )


def _texts(given: Iterable[str] | None) -> str:
    return ", ".join("'" + text.replace("'", "''") + "'" for text in given or ())


def _numbers(given: Iterable[int] | None) -> str:
    return ", ".join(str(int(number)) for number in given or ())


QUERIES: dict[str, Callable[[Request], str]] = {
    "events": _events,
    "amendments": _amendments,
    "earliest": _earliest,
}


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until the other side hangs up."""

    def answer(message: dict[str, object]) -> None:
        answers.write(json.dumps(message).encode() + b"\n")
        answers.flush()

    handlers: dict[str, Callable[[dict[str, Any]], None]] = {
        "read": lambda request: _read(request, answers, answer),
        "query": lambda request: _query(request["path"], request["sql"], answers, answer),
        "write": lambda request: _write(request, requests, answer),
    }
    while line := requests.readline():
        request = json.loads(line)
        handlers[request["do"]](request)


def _read(request: dict[str, Any], answers: IO[bytes], answer: Answer) -> None:
    """Stream what a query of the log yields as one Arrow stream."""
    _query(request["path"], QUERIES[request["what"]](request), answers, answer)


def _query(path: str, query: str, answers: IO[bytes], answer: Answer) -> None:
    """Stream what a query yields as one Arrow stream."""
    try:
        with _connected(path, "ro") as connection, adbc.AdbcStatement(connection) as statement:
            statement.set_options(**{BATCHES: str(BATCH_ROWS)})
            statement.set_sql_query(query)
            rows, _ = statement.execute_query()
            reader = pa.RecordBatchReader.from_stream(rows)
            answer({"ok": True})
            with pa.ipc.new_stream(answers, reader.schema) as stream:
                for batch in reader:
                    stream.write_batch(batch)
            answers.flush()
    except (adbc.Error, pa.ArrowException) as error:
        answer({"ok": False, "error": str(error)})


def _among(column: str, names: list[str] | None) -> str:
    if not names:
        return ""
    listed = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    return f"AND {column} IN ({listed})"


def _write(request: dict[str, Any], requests: IO[bytes], answer: Answer) -> None:
    """Run statements and take in Arrow streams in one transaction, kept once that is asked for."""
    try:
        with _connected(request["path"], "rw") as connection:
            connection.set_autocommit(False)
            while "do" not in (step := json.loads(requests.readline() or GIVE_UP)):
                if "sql" in step:
                    _run(connection, step["sql"])
                else:
                    _ingest(connection, step["into"], pa.ipc.open_stream(requests))
            if step["do"] == "give up":
                return
            connection.commit()
    except (adbc.Error, pa.ArrowException) as error:
        answer({"ok": False, "error": str(error)})
        os._exit(1)
    answer({"ok": True})


@contextlib.contextmanager
def _connected(path: str, mode: str) -> Iterator[adbc.AdbcConnection]:
    with (
        adbc_driver_sqlite.connect(f"file:{quote(path)}?mode={mode}") as database,
        adbc.AdbcConnection(database) as connection,
    ):
        _run(connection, BUSY)
        yield connection


def _run(connection: adbc.AdbcConnection, sql: str) -> None:
    with adbc.AdbcStatement(connection) as statement:
        statement.set_sql_query(sql)
        statement.execute_update()


def _ingest(connection: adbc.AdbcConnection, table: str, rows: pa.RecordBatchReader) -> None:
    """Append rows to a table."""
    appending = {
        adbc.INGEST_OPTION_TARGET_TABLE: table,
        adbc.INGEST_OPTION_MODE: adbc.INGEST_OPTION_MODE_APPEND,
    }
    with adbc.AdbcStatement(connection) as statement:
        statement.set_options(**appending)
        statement.bind_stream(rows)
        statement.execute_update()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other side decides when to stop
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer)
