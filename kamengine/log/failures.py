"""What SQLite's own failures mean to whoever runs the command."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kamengine.errors import CorruptLogError, LogError

_MEANINGS: dict[int, tuple[type[LogError], str, str]] = {
    sqlite3.SQLITE_FULL: (
        LogError,
        "The disk is full",
        "the batch at hand was undone and all before it stands; free some space and append again",
    ),
    sqlite3.SQLITE_BUSY: (
        LogError,
        "Another process kept the log locked for too long",
        "try again when it is done",
    ),
    sqlite3.SQLITE_NOTADB: (
        CorruptLogError,
        "The file is no SQLite database",
        "restore the log from a copy that verifies",
    ),
    sqlite3.SQLITE_CORRUPT: (
        CorruptLogError,
        "The log's file is damaged",
        "restore the log from a copy that verifies",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        LogError,
        "The log can't be opened",
        "check that the folder exists and may be written",
    ),
    sqlite3.SQLITE_READONLY: (
        LogError,
        "The log may only be read",
        "check the permissions of the file and its folder",
    ),
    sqlite3.SQLITE_IOERR: (
        LogError,
        "The disk failed while the log was in use",
        "check the disk; what was acknowledged before stands",
    ),
}
_PRIMARY_CODE = 0xFF


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an error of SQLite into one of ours.

    Raises:
        LogError: Whatever SQLite raised, in words.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None) or 0
        if code & _PRIMARY_CODE in _MEANINGS:
            kind, what, hint = _MEANINGS[code & _PRIMARY_CODE]
            raise kind(what, where=str(path), hint=hint) from error
        raise LogError("SQLite refused", value=str(error), where=str(path)) from error
