from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from kamengine.errors import CorruptLogError, LogError
from kamengine.log import schema
from kamengine.log.instants import Clock
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.testing.log_contract import NOON, LogContract, MakeLog, ids, new_event


def at_noon() -> dt.datetime:
    return NOON


class TestContract(LogContract):
    @pytest.fixture
    def make_log(self, tmp_path: Path) -> MakeLog:
        def make(clock: Clock) -> SQLiteEventLog:
            return SQLiteEventLog(tmp_path / "events.db", clock)

        return make


@pytest.fixture
def log(tmp_path: Path) -> SQLiteEventLog:
    return SQLiteEventLog(tmp_path / "events.db", at_noon)


def tamper(path: Path, *statements: str) -> None:
    """Change a log as somebody would who knows SQLite."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER events_refuse_update")
        connection.execute("DROP TRIGGER events_refuse_delete")
        for statement in statements:
            connection.execute(statement)


def filled(log: SQLiteEventLog, count: int = 10) -> SQLiteEventLog:
    log.append([new_event(f"e{i}", data=f'{{"n": {i}}}') for i in range(1, count + 1)])
    return log


def test_the_chain_can_be_recomputed_by_anybody(log: SQLiteEventLog) -> None:
    """The documented formula, written out here anew, gives the stored hashes."""
    filled(log, 3)
    with contextlib.closing(sqlite3.connect(log.path)) as connection:
        rows = connection.execute("SELECT * FROM events ORDER BY position").fetchall()
    previous = b"\0" * 32
    for *fields, stored in rows:
        previous = hashlib.sha256(previous + msgspec.msgpack.encode(fields)).digest()
        assert stored == previous
    assert len(rows) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET account_id = 'mine' WHERE position = 2",
        "DELETE FROM events WHERE position = 2",
        "DELETE FROM events",
    ],
)
def test_update_and_delete_are_refused(log: SQLiteEventLog, statement: str) -> None:
    """SQL that would change history fails and changes nothing."""
    filled(log)
    with (
        contextlib.closing(sqlite3.connect(log.path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="the log is append-only"),
    ):
        connection.execute(statement)
    assert log.verify().position == 10


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "UPDATE events SET data = '{\"n\": 7.5}' WHERE position = 7",
            "The event at position 7 isn't what was recorded there: its hash doesn't match: 'e7'",
        ),
        (
            "UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 10",
            "The event at position 10 isn't what was recorded there",
        ),
        (
            "UPDATE events SET hash = zeroblob(32) WHERE position = 4",
            "The event at position 4 isn't what was recorded there",
        ),
        (
            "DELETE FROM events WHERE position = 5",
            "The log has no event at position 5; the next one is at 6",
        ),
        (
            "DELETE FROM events WHERE position = 1",
            "The log has no event at position 1; the next one is at 2",
        ),
        (
            "INSERT INTO events SELECT 11, 'new', type, version, account_id, manager_id,"
            " occurred_at, recorded_at, source, data, hash FROM events WHERE position = 10",
            "The event at position 11 isn't what was recorded there",
        ),
        (
            "INSERT INTO events SELECT 0, 'new', type, version, account_id, manager_id,"
            " occurred_at, recorded_at, source, data, hash FROM events WHERE position = 10",
            "The log has no event at position 1; the next one is at 0",
        ),
        (
            "UPDATE events SET data = CAST(x'ff' AS TEXT) WHERE position = 3",
            "The event at position 3 can't be read",
        ),
    ],
)
def test_tampering_is_found(log: SQLiteEventLog, statement: str, message: str) -> None:
    """Verifying names the first position that doesn't hold, and what is wrong there."""
    filled(log)
    tamper(log.path, statement)
    with pytest.raises(CorruptLogError) as raised:
        log.verify()
    assert message in str(raised.value)
    assert str(log.path) in str(raised.value)


def test_swapped_events_are_found(log: SQLiteEventLog) -> None:
    """Two events that changed places don't verify."""
    filled(log)
    tamper(
        log.path,
        "UPDATE events SET position = 99 WHERE position = 2",
        "UPDATE events SET position = 2 WHERE position = 3",
        "UPDATE events SET position = 3 WHERE position = 99",
    )
    with pytest.raises(CorruptLogError, match="position 2 isn't what was recorded"):
        log.verify()


@pytest.mark.parametrize("read", [lambda log: log.head(), lambda log: log.verify()])
def test_a_file_that_is_no_database_is_told_apart(
    log: SQLiteEventLog, read: Callable[[SQLiteEventLog], object]
) -> None:
    """Some other file in the place of the log gives one sentence."""
    log.path.write_text("These are minutes of a meeting. " * 100)
    with pytest.raises(CorruptLogError, match="The file is no SQLite database"):
        read(log)


def test_a_truncated_log_is_told(log: SQLiteEventLog) -> None:
    """A file that lost its second half doesn't verify."""
    filled(log, 2_000)
    with log.path.open("r+b") as file:
        file.truncate(log.path.stat().st_size // 2 // 4096 * 4096)
    with pytest.raises(CorruptLogError):
        log.verify()


def test_a_foreign_database_is_left_alone(log: SQLiteEventLog) -> None:
    """A SQLite file of another program is neither read nor written."""
    with contextlib.closing(sqlite3.connect(log.path)) as connection:
        connection.execute("CREATE TABLE events (position, id)")
    before = log.path.read_bytes()
    with pytest.raises(LogError, match="no log of kamengine"):
        log.append([new_event()])
    assert log.path.read_bytes() == before


def test_a_newer_log_is_left_alone(log: SQLiteEventLog) -> None:
    """A log of a schema from the future asks for the newer program."""
    filled(log)
    with contextlib.closing(sqlite3.connect(log.path)) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(LogError, match="of schema 2 and this kamengine knows 1 at most"):
        log.head()


def test_reading_makes_no_file(log: SQLiteEventLog) -> None:
    """A log that doesn't exist is empty to readers, and isn't there to verify."""
    assert log.head().position == 0
    assert ids(log) == []
    with pytest.raises(LogError, match="There is no log here"):
        log.verify()
    assert not log.path.exists()


def test_a_full_disk_undoes_the_batch_only(
    log: SQLiteEventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says what stands, and afterwards the log goes on from there."""
    filled(log)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "_PRAGMAS", ("PRAGMA max_page_count = 20",))
        with pytest.raises(LogError, match="The disk is full; the batch at hand was undone"):
            log.append([new_event(f"f{i}", data=f'"{"x" * 500}"') for i in range(1_000)])
    assert log.verify().position == 10
    log.append([new_event("f0")])
    assert log.verify().position == 11


def test_a_locked_log_is_told(log: SQLiteEventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for another writer for too long gets a sentence."""
    filled(log)
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.05)
    with contextlib.closing(sqlite3.connect(log.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LogError, match="Another process kept the log locked for too long"):
            log.append([new_event("late")])
        assert log.head().position == 10


def test_an_id_with_awkward_characters_is_still_one_id(log: SQLiteEventLog) -> None:
    """Quotes, emoji and long ids are found again when they are sent twice."""
    events = [new_event(event_id) for event_id in ("a'b\"c", "🎉", "x" * 10_000, "é", "e\u0301")]
    log.append(events)
    assert log.append([*events, new_event("new")]).duplicates == 5


APPENDER = """
import sys
from pathlib import Path
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.testing.log_contract import new_event

log, name = SQLiteEventLog(Path(sys.argv[1])), sys.argv[2]
sys.stdin.readline()
for batch in range(20):
    log.append([new_event(f"{name}-{batch}-{i}") for i in range(50)])
"""


def test_processes_append_one_after_the_other(log: SQLiteEventLog) -> None:
    """Three processes that create the log and append at once lose nothing and leave no gap."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", APPENDER, str(log.path), name], stdin=subprocess.PIPE
        )
        for name in ("a", "b", "c")
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert log.verify().position == 3_000
    for name in ("a", "b", "c"):
        own = [event_id for event_id in ids(log) if event_id.startswith(name)]
        assert own == [f"{name}-{batch}-{i}" for batch in range(20) for i in range(50)]


def test_a_log_may_be_created_by_several_at_once(tmp_path: Path) -> None:
    """Whoever opens it finds a log, however little of it stood a moment before."""
    for number in range(20):
        path = tmp_path / f"{number}.db"
        start = threading.Barrier(4)

        def open_log(path: Path = path, start: threading.Barrier = start) -> int:
            start.wait()
            return SQLiteEventLog(path, lambda: NOON).append([]).head.position

        with ThreadPoolExecutor(max_workers=4) as pool:
            opened = [pool.submit(open_log) for _ in range(4)]
        assert [one.result() for one in opened] == [0, 0, 0, 0]
