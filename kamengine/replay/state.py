"""State files: facts, projections and evidence, one file to read and one to work on.

Readers keep the file that the book names open, read-only. A replay never touches it: it works
on a second file and the book then names that one. The first one, now free, is the next to work
on; it catches up on what it missed together with what is new. A file that was left half done
says so itself and is thrown away.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from kamengine.engine.session import STATE, Session, StateBusyError, quote
from kamengine.errors import ReplayError
from kamengine.periods import Calendar
from kamengine.settings import Settings
from kamengine.workspace import Workspace

SHOWN = "shown"
"""The name under which the file that readers are shown is attached."""

FORMAT = "1"
"""Raised when older state files can't be worked on."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What a state file says of itself.

    Attributes:
        position: The last event in it.
        recorded_at: When that was recorded, in UTC microseconds.
        first_occurred: The earliest moment of any event, in UTC microseconds.
        fingerprints: Layer and name (``kpi:nps``) to the fingerprint of what is in it.
        windows: Period to the bounds that its anchored evidence was made for.
        parked: KPI or projection to the error that keeps it out.
    """

    position: int = 0
    recorded_at: int | None = None
    first_occurred: int | None = None
    fingerprints: dict[str, str] = {}
    windows: dict[str, tuple[dt.datetime, dt.datetime]] = {}
    parked: dict[str, str] = {}


@contextlib.contextmanager
def replaying(workspace: Workspace) -> Iterator[None]:
    """Hold the right to replay a workspace.

    Raises:
        ReplayError: Another replay holds it, or the block met with an error of the file system.
    """
    try:
        workspace.state_dir.mkdir(exist_ok=True)
        with (workspace.state_dir / "replay.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
    except BlockingIOError as error:
        raise ReplayError(
            "Another replay of this workspace is under way",
            where=str(workspace.root),
            hint="wait for it; what it reads and writes stays whole either way",
        ) from error
    except OSError as error:
        raise ReplayError(
            f"The replay broke off, and values are as before ({error.strerror})",
            where=str(error.filename or workspace.root),
        ) from error


def open_fresh(workspace: Workspace, calendar: Calendar) -> tuple[Path, Session]:
    """Make an empty state file to work on."""
    path = workspace.state_dir / f"{uuid.uuid4().hex[:12]}.duckdb"
    session = _open(path, calendar, workspace)
    for schema in ("facts", "projections", "evidence"):
        session.run(f"CREATE SCHEMA {STATE}.{schema}")
    session.run(f"CREATE TABLE {STATE}.mark (format VARCHAR, mark VARCHAR)")
    return path, session


def open_standby(
    workspace: Workspace, calendar: Calendar, current: str
) -> tuple[Path, Session, Mark] | None:
    """Open a whole state file other than the one that readers use, making one if need be.

    Returns:
        The file, a session on it and its mark; None where the current file can't be built on.
    """
    for path in sorted(workspace.state_dir.glob("*.duckdb")):
        if path.name != current and (found := _take_up(path, calendar, workspace)):
            return found
    source = workspace.state_dir / current
    if not source.exists():
        return None
    copy = workspace.state_dir / f"{uuid.uuid4().hex[:12]}.duckdb"
    try:
        shutil.copyfile(source, copy)
    except OSError:
        _delete(copy)
        raise
    return _take_up(copy, calendar, workspace)


def open_to_read(path: Path, settings: Settings) -> Session:
    """Open a state file beside a replay that may be under way."""
    session = Session(path, settings.calendar, read_only=True)
    session.bound(settings.limits)
    return session


def put_down(session: Session) -> None:
    """Mark the file half done for as long as it is worked on."""
    session.run(f"DELETE FROM {STATE}.mark")


def sign(session: Session, mark: Mark) -> None:
    """Mark the file whole again, and bring it to the disk."""
    text = msgspec.json.encode(mark).decode()
    session.run(f"INSERT INTO {STATE}.mark VALUES ('{FORMAT}', {quote(text)})")
    session.run(f"CHECKPOINT {STATE}")  # closing would do it too, but silently fail


def attach_shown(session: Session, path: Path | None) -> set[tuple[str, str]]:
    """Attach the file that readers are shown; return its tables by schema and name."""
    if path is None or not path.exists():
        return set()
    try:
        session.run(f"ATTACH {quote(str(path))} AS {SHOWN} (READ_ONLY)")
    except ReplayError:  # damaged: what can't be compared is computed anew
        return set()
    tables = session.rows(
        f"SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = '{SHOWN}'"
    )
    return set(tables)


@contextlib.contextmanager
def unfinished(path: Path, session: Session) -> Iterator[None]:
    """Delete the file that is worked on where the block fails.

    Nobody knows of it yet, and where a disk is full it may take all the room that others need.
    """
    try:
        yield
    except BaseException:
        with contextlib.suppress(ReplayError):
            session.close()
        _delete(path)
        raise


def discard_others(workspace: Workspace, keep: Iterable[str]) -> None:
    """Delete state files that nobody will use again; whoever has one open may read on."""
    kept = set(keep)
    for path in workspace.state_dir.glob("*.duckdb"):
        if path.name not in kept:
            _delete(path)


def _take_up(
    path: Path, calendar: Calendar, workspace: Workspace
) -> tuple[Path, Session, Mark] | None:
    """Open a file to work on if it is whole and free; delete it if it is broken."""
    try:
        session = _open(path, calendar, workspace)
    except StateBusyError:
        return None
    except ReplayError:
        _delete(path)
        return None
    with contextlib.suppress(ReplayError):
        rows = session.rows(f"SELECT mark FROM {STATE}.mark WHERE format = '{FORMAT}'")
        if rows:
            return path, session, msgspec.json.decode(rows[0][0], type=Mark)
    session.close()
    _delete(path)
    return None


def _open(path: Path, calendar: Calendar, workspace: Workspace) -> Session:
    return Session(path, calendar, spill=workspace.state_dir / "spill")


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
