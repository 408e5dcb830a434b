"""The courier: a child process that carries Arrow batches between SQLite files and the engine.

The ADBC driver moves millions of rows a second, but it brings a SQLite library of its own, and
two SQLite libraries with the same file open in one process can drop each other's locks (see
"How To Corrupt An SQLite Database File", 2.2.1). So the driver lives in a process where it is
the only one. Requests are JSON lines on stdin, answers JSON lines on stdout; rows follow their
line as an Arrow IPC stream.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import IO, Any
from urllib.parse import quote

import adbc_driver_sqlite.dbapi as adbc
import pyarrow as pa

BATCH_ROWS = 65_536

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
WHERE position > {after} AND position <= {upto} {types} {accounts} AND {selecting}
ORDER BY position
"""

Answer = Callable[[dict[str, object]], None]


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
    """Stream the events after a position, oldest first, as one Arrow stream."""
    query = READ_EVENTS.format(
        after=int(request["after"]),
        upto=int(request["upto"]),
        types=_among("type", request["types"]),
        accounts=_among("account_id", request["accounts"]),
        selecting=request["selecting"],
    )
    _query(request["path"], query, answers, answer)


def _query(path: str, query: str, answers: IO[bytes], answer: Answer) -> None:
    """Stream what a query yields as one Arrow stream."""
    try:
        with adbc.connect(_uri(path, "ro")) as connection, connection.cursor() as cursor:
            cursor.execute(BUSY)
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)})
            cursor.execute(query)
            reader = cursor.fetch_record_batch()
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
        with adbc.connect(_uri(request["path"], "rw")) as connection:
            with connection.cursor() as cursor:
                cursor.execute(BUSY)
                while "do" not in (step := json.loads(requests.readline() or GIVE_UP)):
                    if "sql" in step:
                        cursor.execute(step["sql"])
                    else:
                        reader = pa.ipc.open_stream(requests)
                        cursor.adbc_ingest(step["into"], reader, mode="append")
            if step["do"] == "give up":
                return
            connection.commit()
    except (adbc.Error, pa.ArrowException) as error:
        answer({"ok": False, "error": str(error)})
        os._exit(1)
    answer({"ok": True})


def _uri(path: str, mode: str) -> str:
    return f"file:{quote(path)}?mode={mode}"


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other side decides when to stop
    with contextlib.suppress(BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer)
