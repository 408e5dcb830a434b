"""The SQLite file of a log: what is in it, and opening one that is truly ours."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from kamengine.errors import CorruptLogError, LogError
from kamengine.log.contract import StoredEvent
from kamengine.log.failures import explained
from kamengine.vocabulary import OWN

APPLICATION_ID = int.from_bytes(b"kame")
SCHEMA_VERSION = 1
BUSY_SECONDS = 60.0

_OWN_NAMES = ", ".join(f"'{name}'" for name in sorted(OWN))
IS_OWN = f"type IN ({_OWN_NAMES})"
"""The condition that an event is one of the engine's own. A query that states it in these words
finds such events among millions of others at once."""

OWN_INDEX = f"CREATE INDEX events_own ON events (position) WHERE {IS_OWN}"

SCHEMA = f"""
BEGIN IMMEDIATE;

CREATE TABLE IF NOT EXISTS events (
    position    INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    type        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    account_id  TEXT,
    manager_id  TEXT,
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    source      TEXT,
    data        TEXT NOT NULL,
    hash        BLOB NOT NULL
) STRICT;

CREATE TRIGGER IF NOT EXISTS events_refuse_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the log is append-only: an event is never updated'); END;

CREATE TRIGGER IF NOT EXISTS events_refuse_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the log is append-only: an event is never deleted'); END;

PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};

{OWN_INDEX.replace("INDEX", "INDEX IF NOT EXISTS")};

COMMIT;
"""

_RENEW_INDEX = f"""
BEGIN IMMEDIATE;
DROP INDEX IF EXISTS events_own;
{OWN_INDEX};
COMMIT;
"""
"""What it takes when a newer kamengine has more event types of its own."""

_PRAGMAS = (
    "PRAGMA synchronous = FULL",  # an answer means that it is on the disk
    "PRAGMA cache_size = -65536",  # 64 MiB: ids come in any order and their index is written so
    "PRAGMA wal_autocheckpoint = 8192",  # 32 MiB: pages that change often are copied back less
)

_IDENTITY = """
SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
FROM pragma_application_id, pragma_user_version
"""
"""In one statement: another process may make the file a log between two."""

COLUMNS = StoredEvent.__struct_fields__


def exists(path: Path) -> bool:
    """Tell whether there is a log; an empty file is one whose creation was cut off."""
    return path.exists() and path.stat().st_size > 0


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a log, creating it where there is none, and close it when the block ends.

    Raises:
        LogError: It can't be opened, or the file is something else.
    """
    with explained(path), closing(_connect(path)) as connection:
        if _is_blank(connection, path):
            _create(connection)
        yield connection


def index_own(connection: sqlite3.Connection) -> None:
    """See to it that the engine's own events are found as this version of it names them."""
    found = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'events_own'").fetchone()
    if found != (OWN_INDEX,):
        connection.executescript(_RENEW_INDEX)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


def _is_blank(connection: sqlite3.Connection, path: Path) -> bool:
    """Tell whether the file has yet to be made a log.

    Raises:
        LogError: It is another program's, or a newer kamengine's.
    """
    application, version, tables = connection.execute(_IDENTITY).fetchone()
    if tables == application == version == 0:
        return True
    if application != APPLICATION_ID:
        raise LogError(
            "The file is a SQLite database, but no log of kamengine",
            where=str(path),
            hint="name another workspace with -w, or move the file away",
        )
    if version > SCHEMA_VERSION:
        raise LogError(
            f"The log is of schema {version} and this kamengine knows {SCHEMA_VERSION} at most",
            where=str(path),
            hint="use the newer kamengine that wrote it",
        )
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'events'").fetchone():
        raise CorruptLogError("The log has lost its table of events", where=str(path))
    return False


def _create(connection: sqlite3.Connection) -> None:
    """Make a blank file a log; another process may be doing the same at this moment."""
    _retry_locked(connection, "PRAGMA journal_mode = WAL")
    connection.executescript(SCHEMA)


def _retry_locked(connection: sqlite3.Connection, statement: str) -> None:
    """Run a statement for which SQLite doesn't wait by itself while another holds the lock."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
