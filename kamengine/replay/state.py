"""State files: facts, projections and evidence, one file to read and one to work on.

Readers keep the file that the book names open, read-only. A replay never touches it: it works
on a second file and the book then names that one. The first one, now free, is the next to work
on; it catches up on what it missed together with what is new.

What reaches the disk is what a checkpoint brings there, and nothing between two of them. So a
file is always what its mark says: whole, or as far as a replay had come when it was last saved.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec

from kamengine.engine.connection import MachineError
from kamengine.engine.session import STATE, Session, StateBusyError, quote
from kamengine.errors import ReplayError
from kamengine.periods import Calendar
from kamengine.settings import Settings
from kamengine.workspace import Workspace

SHOWN = "shown"
"""The name under which the file that readers are shown is attached."""

SPILL = "spill"
"""The folder, beside the state files, for what doesn't fit into memory; not whatever folder a
command is run in."""

FORMAT = "2"
"""Raised when older state files can't be worked on."""


Bounds: TypeAlias = dict[str, tuple[dt.datetime, dt.datetime]]
"""Periods with the moments between which they lie."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What a state file says of itself.

    Attributes:
        position: The last event in it.
        hash: Of that event, in hexadecimal: it vouches for all events before it.
        recorded_at: When that was recorded, in UTC microseconds.
        first_occurred: The earliest moment of any event, in UTC microseconds.
        fingerprints: Layer and name (``kpi:nps``) to the fingerprint of what is in it.
        windows: Period to the bounds that its anchored evidence was made for.
        columns: KPI to the columns of its query and their types: asking DuckDB takes a while.
        parked: KPI or projection to the error that keeps it out.
        tried: Each of these that was tried, to the fingerprint of what failed.
        settled: Up to which event facts stand under the account that theirs became part of.
        unfinished: Whether it is the work of a replay that broke off: what has no fingerprint
            is yet to be made.
        from_nothing: Whether that replay began with an empty file.
    """

    position: int = 0
    hash: str = ""
    recorded_at: int | None = None
    first_occurred: int | None = None
    fingerprints: dict[str, str] = {}
    windows: Bounds = {}
    columns: dict[str, dict[str, str]] = {}
    parked: dict[str, str] = {}
    tried: dict[str, str] = {}
    settled: int = 0
    unfinished: bool = False
    from_nothing: bool = False

    @property
    def is_rebuild(self) -> bool:
        """Whether it is what a replay that began with an empty file left when it broke off."""
        return self.unfinished and self.from_nothing


Work: TypeAlias = tuple[Path, Session, Mark]
"""A file to work on, a session on it, and what it said of itself."""

Fits: TypeAlias = Callable[[Mark], bool]
"""Tells whether a file rests on the log that there is."""


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


def open_standby(workspace: Workspace, calendar: Calendar, current: str, fits: Fits) -> Work | None:
    """Open a state file other than the one that readers use, making one if need be.

    Args:
        workspace: The folder.
        calendar: Pins what the session says of days.
        current: The name of the file that readers use.
        fits: Whether a file may be built on.

    Returns:
        The file, a session on it and its mark; None where the current file can't be built on.
    """
    if found := open_begun(workspace, calendar, current, fits):
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
    found = _take_up(copy, calendar, workspace, fits)
    if found is None:
        _delete(copy)
    return found


def open_to_read(path: Path, settings: Settings) -> Session:
    """Open a state file beside a replay that may be under way."""
    session = Session(path, settings.calendar, read_only=True, spill=path.parent / SPILL)
    session.bound(settings.limits)
    return session


def open_begun(
    workspace: Workspace, calendar: Calendar, current: str | None, fits: Fits
) -> Work | None:
    """Open the state file, other than the one that readers use, that leaves least to be done.

    Args:
        workspace: The folder.
        calendar: Pins what the session says of days.
        current: The name of the file that readers use, if there is one.
        fits: Whether a file may be built on.
    """
    best: Work | None = None
    for path in sorted(workspace.state_dir.glob("*.duckdb")):
        found = None if path.name == current else _take_up(path, calendar, workspace, fits)
        if found is None:
            continue
        if best is None or _progress(found[2]) > _progress(best[2]):
            best, found = found, best
        if found is not None:
            found[1].close()
    return best


def note(session: Session, mark: Mark) -> None:
    """Write down what the file is; it is so on the disk with the next checkpoint."""
    with session.transaction():
        renote(session, mark)


def renote(session: Session, mark: Mark) -> None:
    """Write down what the file is, in the transaction that makes it so."""
    text = msgspec.json.encode(mark).decode()
    session.run(f"DELETE FROM {STATE}.mark")
    session.run(f"INSERT INTO {STATE}.mark VALUES ('{FORMAT}', {quote(text)})")


def sign(session: Session, mark: Mark) -> None:
    """Mark the file, and bring it to the disk."""
    note(session, mark)
    session.checkpoint()


def attach_shown(session: Session, path: Path | None) -> Mark:
    """Attach the file that readers are shown; return its mark, an empty one where there is none."""
    if path is None or not path.exists():
        return Mark()
    try:
        session.run(f"ATTACH {quote(str(path))} AS {SHOWN} (READ_ONLY)")
        return mark_of(session, SHOWN) or Mark()
    except ReplayError:  # damaged: what can't be compared is computed anew
        return Mark()


@contextlib.contextmanager
def unfinished(path: Path, session: Session) -> Iterator[None]:
    """Close the file that is worked on where the block fails, for the next replay to go on.

    Where the machine fails, or where nothing worth going on from was saved, the file is deleted:
    nobody knows of it yet, and where a disk is full it may take all the room that others need.
    """
    try:
        yield
    except BaseException as error:
        with contextlib.suppress(ReplayError):
            session.close()
        if isinstance(error, MachineError | OSError) or not _is_marked(path):
            _delete(path)
        raise


def discard_others(workspace: Workspace, keep: Iterable[str]) -> None:
    """Delete state files that nobody will use again; whoever has one open may read on."""
    kept = set(keep)
    for path in workspace.state_dir.glob("*.duckdb"):
        if path.name not in kept:
            _delete(path)


def _progress(mark: Mark) -> tuple[bool, int, int]:
    return (not mark.unfinished, mark.position, len(mark.fingerprints))


def _take_up(path: Path, calendar: Calendar, workspace: Workspace, fits: Fits) -> Work | None:
    """Open a file to work on if it fits and is free; delete it if it is broken."""
    try:
        session = _open(path, calendar, workspace)
    except StateBusyError:
        return None
    except ReplayError:
        _delete(path)
        return None
    mark = mark_of(session)
    if mark is not None and fits(mark):
        return path, session, mark
    session.close()
    if mark is None:
        _delete(path)
    return None


def mark_of(session: Session, database: str = STATE) -> Mark | None:
    """Return what a file says of itself; None where it says nothing that is understood."""
    with contextlib.suppress(ReplayError, msgspec.DecodeError):
        rows = session.rows(f"SELECT mark FROM {database}.mark WHERE format = '{FORMAT}'")
        if rows:
            return msgspec.json.decode(rows[0][0], type=Mark)
    return None


def _is_marked(path: Path) -> bool:
    with contextlib.suppress(ReplayError), Session(path, Calendar(), read_only=True) as session:
        return mark_of(session) is not None
    return False


def _open(path: Path, calendar: Calendar, workspace: Workspace) -> Session:
    return Session(path, calendar, spill=workspace.state_dir / SPILL)


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
