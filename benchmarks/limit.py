"""The limit for a replay: the shortest straight line from SQLite to counted values.

Rows of the log come into Arrow through ADBC, and DuckDB runs a list of statements over them: it
decodes each event type, then projects, collects evidence and aggregates. There is no engine here;
the statements are what the engine would run, written down by it beforehand. They read the rows as
the relation ``log``.

    python -m benchmarks.limit EVENTS.db STATEMENTS.json
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb
from adbc_driver_sqlite import dbapi as sqlite

from benchmarks.result import Result, tell

ROWS = """
SELECT position, id, type, version, account_id, manager_id, occurred_at, recorded_at, source, data
FROM events
ORDER BY position
"""
BATCH_ROWS = "adbc.sqlite.query.batch_rows"


def main(database: Path, statements: Path) -> None:
    """Read, decode and count, and tell how long it took from start to end."""
    start = time.perf_counter()
    with sqlite.connect(f"file:{database}?mode=ro") as log, log.cursor() as cursor:
        cursor.adbc_statement.set_options(**{BATCH_ROWS: 65_536})
        cursor.execute(ROWS)
        rows = cursor.fetch_arrow_table()
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'")
    engine.register("log", rows)
    for statement in json.loads(statements.read_text()):
        engine.execute(statement).fetchall()
    tell(Result(seconds=time.perf_counter() - start, events=rows.num_rows))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
