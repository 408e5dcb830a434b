"""The limit for a replay: the shortest straight line from SQLite to counted values.

Rows of the log come into Arrow through ADBC, and DuckDB runs a list of statements over them: it
decodes each event type (see `decoding`), then projects, collects evidence and aggregates. There is
no engine here; the statements are what the engine would run, written down beforehand, each file a
JSON array of them. They read the rows as the table ``log``.

    python -m benchmarks.limit EVENTS.db STATEMENTS.json...
"""

from __future__ import annotations

import json
import sys
import time
from itertools import chain
from pathlib import Path

import duckdb
from adbc_driver_sqlite import dbapi as sqlite

from benchmarks.result import Result, tell

ROWS = """
SELECT position, id, type, version, account_id, manager_id, occurred_at, recorded_at, source, data
FROM events
"""
BATCH_ROWS = "adbc.sqlite.query.batch_rows"


def main(database: Path, *statements: Path) -> None:
    """Read, decode and count, and tell how long it took from start to end."""
    start = time.perf_counter()
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'")
    with sqlite.connect(f"file:{database}?mode=ro") as log, log.cursor() as cursor:
        cursor.adbc_statement.set_options(**{BATCH_ROWS: 65_536})
        cursor.execute(ROWS)
        rows = cursor.fetch_record_batch()
        engine.register("rows", rows)
        # rows of one type side by side: each statement then skips the blocks of all others
        engine.execute("CREATE TABLE log AS FROM rows ORDER BY type")
    for statement in chain.from_iterable(json.loads(file.read_text()) for file in statements):
        engine.execute(statement).fetchall()
    seconds = time.perf_counter() - start
    (events,) = engine.execute("SELECT count(*) FROM log").fetchone() or (0,)
    tell(Result(seconds=seconds, events=events))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
