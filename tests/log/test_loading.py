from __future__ import annotations

import json
from pathlib import Path

import pytest

from kamengine.log import loading
from kamengine.log.contract import EventFilter
from kamengine.log.export import cloud_event_lines, json_lines, write_lines, write_parquet
from kamengine.log.intake import Intake
from kamengine.log.loading import Loaded, Source, load
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.log.unknown_fields import UnknownField, find_unknown_fields
from kamengine.plugins import Registry
from kamengine.testing.log_contract import NOON, ids
from tests.log.test_intake import OFFICE, cloud, fee, line


@pytest.fixture
def log(tmp_path: Path) -> SQLiteEventLog:
    return SQLiteEventLog(tmp_path / "events.db", lambda: NOON)


def source(path: Path, text: bytes) -> Source:
    path.write_bytes(text)
    rejects = path.with_name(f"{path.name}.rejected.jsonl")
    return Source(path.name, lambda: path.open("rb"), rejects, path.with_name("spare"))


def outcome(loaded: Loaded) -> tuple[int, int, int, int]:
    return loaded.appended, loaded.duplicates, loaded.rejected, loaded.conflicts


def test_good_lines_come_in_and_bad_ones_are_kept_apart(
    log: SQLiteEventLog, intake: Intake, tmp_path: Path
) -> None:
    """Each rejected line stands in a file beside the input with its number and reason."""
    conflicting = line('{"channel": "video"}', id="a")
    text = b"\n".join([line(id="a"), b"oops", b'{"\xff', line(id="b"), line(id="a"), conflicting])
    (loaded,) = load(log, intake, [source(tmp_path / "in.jsonl", text)])
    assert outcome(loaded) == (2, 1, 2, 1)
    assert ids(log) == ["a", "b"]
    assert loaded.rejects == tmp_path / "in.jsonl.rejected.jsonl"
    records = [json.loads(record) for record in loaded.rejects.read_text().splitlines()]
    assert [record["line"] for record in records] == [2, 3, 6]
    assert records[0]["raw"] == "oops"
    assert records[1]["raw_base64"] == "eyL/"
    assert "The event at position 1" in records[2]["reason"]
    assert json.loads(records[2]["raw"]) == {"version": 1, **json.loads(conflicting)} or (
        json.loads(records[2]["raw"]) == json.loads(conflicting)
    )
    assert loaded.reasons[0].startswith("in.jsonl, line 2: The line isn't JSON")


def test_strict_takes_all_or_nothing(log: SQLiteEventLog, intake: Intake, tmp_path: Path) -> None:
    """One bad line in the second file keeps the first one out too, and all reasons are told."""
    good = source(tmp_path / "good.jsonl", line(id="a"))
    bad = source(tmp_path / "bad.jsonl", b"\n".join([line(id="b"), b"oops", b"{}"]))
    first, second = load(log, intake, [good, bad], strict=True)
    assert (outcome(first), first.undone) == ((0, 0, 0, 0), True)
    assert (outcome(second), second.undone) == ((0, 0, 2, 0), True)
    assert ids(log) == []
    load(log, intake, [good], strict=True)
    assert ids(log) == ["a"]


def test_batches_are_kept_one_by_one(
    log: SQLiteEventLog, intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When loading breaks off, the batches before stand, and a second run completes them."""
    monkeypatch.setattr(loading, "BATCH", 2)
    lines = [line(id=f"v{i}") for i in range(5)]
    sources = [source(tmp_path / f"{i}.jsonl", text) for i, text in enumerate(lines)]
    missing = Source("gone", lambda: (tmp_path / "gone").open("rb"), tmp_path / "r", tmp_path / "s")
    with pytest.raises(FileNotFoundError):
        load(log, intake, [*sources[:3], missing])
    assert ids(log) == ["v0", "v1", "v2"]
    assert [outcome(loaded)[:2] for loaded in load(log, intake, sources)] == [
        (0, 1),
        (0, 1),
        (0, 1),
        (1, 0),
        (1, 0),
    ]


def test_an_empty_file_is_no_error(log: SQLiteEventLog, intake: Intake, tmp_path: Path) -> None:
    """Nothing in, nothing wrong."""
    (loaded,) = load(log, intake, [source(tmp_path / "empty.jsonl", b"")])
    assert (outcome(loaded), loaded.rejects) == ((0, 0, 0, 0), None)


def test_rejects_of_an_earlier_run_are_removed(
    log: SQLiteEventLog, intake: Intake, tmp_path: Path
) -> None:
    """The file tells of the latest append of its input only."""
    path = tmp_path / "in.jsonl"
    (loaded,) = load(log, intake, [source(path, b"oops")])
    assert loaded.rejects is not None
    assert loaded.rejects.exists()
    load(log, intake, [source(path, line())])
    assert not loaded.rejects.exists()


def test_an_overlong_line_is_rejected_in_full(
    log: SQLiteEventLog, intake: Intake, tmp_path: Path
) -> None:
    """Lines around it come in."""
    long = line('{"channel": "office", "x": "' + "x" * 2_000_000 + '"}', id="long")
    text = b"\n".join([line(id="a"), long, line(id="b")])
    (loaded,) = load(log, intake, [source(tmp_path / "in.jsonl", text)])
    assert outcome(loaded) == (2, 0, 1, 0)
    assert loaded.reasons == [
        f"in.jsonl, line 2: The line is longer than 1,048,576 bytes: '{len(long):,} bytes'."
    ]
    assert loaded.rejects is not None
    assert json.loads(loaded.rejects.read_text())["raw"].encode() == long


@pytest.mark.parametrize("write", [json_lines, cloud_event_lines])
def test_an_export_makes_the_same_events(
    log: SQLiteEventLog,
    intake: Intake,
    tmp_path: Path,
    write: object,
) -> None:
    """Appended to an empty log, it gives the same positions, times and contents."""
    lines = [
        line(id="a", account_id="acme", manager_id="kim", source="crm"),
        fee('{"amount": "1.50"}', id="b", recorded_at="2026-09-03T10:00:00.25Z", source="erp"),
        cloud(id="c"),
        line("{}", id="d", type="badge.lost", manager_id="kim", source="hr"),
    ]
    order = [lines[1], lines[0], *lines[2:]]
    load(log, intake, [source(tmp_path / "in.jsonl", b"\n".join(order))])
    other = SQLiteEventLog(tmp_path / "other.db", lambda: NOON)
    with (tmp_path / "out.jsonl").open("wb") as out:
        assert write_lines(write(log.events()), out) == 4  # type: ignore[operator]
    text = (tmp_path / "out.jsonl").read_bytes()
    for expected in ((4, 0, 0, 0), (0, 4, 0, 0)):
        (loaded,) = load(other, intake, [source(tmp_path / "again.jsonl", text)])
        assert outcome(loaded) == expected, loaded.reasons
    assert list(other.events()) == list(log.events())
    assert other.verify() == log.head()


def test_parquet_holds_every_column(log: SQLiteEventLog, intake: Intake, tmp_path: Path) -> None:
    """Times are timestamps in UTC; the rest is as in the log."""
    from pyarrow import parquet  # noqa: PLC0415

    load(log, intake, [source(tmp_path / "in.jsonl", line(id="a") + b"\n" + line(id="b"))])
    assert write_parquet(log.events(), tmp_path / "out.parquet") == 2
    first = parquet.read_table(tmp_path / "out.parquet").to_pylist()[0]
    assert (first["position"], first["id"], first["data"]) == (1, "a", OFFICE)
    assert first["recorded_at"] == NOON
    assert first["hash"] == next(iter(log.events())).hash


def test_unknown_fields_are_counted_per_type(
    log: SQLiteEventLog, intake: Intake, registry: Registry, tmp_path: Path
) -> None:
    """Each comes with the nearest field that the type knows; a type without fields counts too."""
    lines = [
        line('{"channel": "office", "minuts": 3}', id="a"),
        line('{"channel": "office", "minuts": 4, "qqq": null}', id="b"),
        line('{"why": "x"}', id="c", type="badge.lost", manager_id="kim"),
        fee('{"cents": 1, "amount": 1}', id="d", version=1),
    ]
    load(log, intake, [source(tmp_path / "in.jsonl", b"\n".join(lines))])
    found = find_unknown_fields(log.events(EventFilter()), registry)
    assert found[0] == UnknownField(
        type="visit.noted", field="minuts", events=2, hint="did you mean 'minutes'?"
    )
    assert {(f.type, f.field, f.events) for f in found[1:]} == {
        ("visit.noted", "qqq", 1),
        ("badge.lost", "why", 1),
        ("fee.charged", "amount", 1),
    }
