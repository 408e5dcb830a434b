from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kamengine.log.lines import Block, read_blocks
from kamengine.log.loading import BATCH
from kamengine.log.sqlite import SQLiteEventLog
from tests.cli.conftest import ORGANISATION, Run
from tests.log.test_intake import OFFICE, cloud, fee, line

NEXT_CENTURY = "2126-01-01T00:00:00Z"


def append(run: Run, path: Path, *lines: bytes) -> subprocess.CompletedProcess[str]:
    path.write_bytes(b"\n".join(lines) + b"\n")
    return run("events", "append", path, "--format", "json")


def listed(run: Run, *options: str) -> list[str]:
    done = run("events", "list", "--format", "json", *options)
    assert done.returncode == 0, done.stderr
    return [event["id"] for event in json.loads(done.stdout)]


def test_append_tells_what_became_of_each_file(run: Run, tmp_path: Path) -> None:
    """All good is exit 0; the same again is counted as duplicates."""
    first = append(run, tmp_path / "in.jsonl", line(id="a"), cloud(id="b"))
    assert (first.returncode, first.stderr) == (0, "")
    (result,) = json.loads(first.stdout)
    assert (result["appended"], result["duplicates"], result["rejected"]) == (2, 0, 0)
    again = run("events", "append", tmp_path / "in.jsonl")
    assert again.returncode == 0
    assert again.stdout.split()[-4:] == ["0", "2", "0", "0"]
    assert listed(run) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (line(type="visit.nodet"), "There is no event type of that name: 'visit.nodet'"),
        (line("{}"), "data.channel is missing."),
        (line('{"channel": 3}'), "data.channel must be text, not a whole number: 3; one of"),
        (
            line('{"channel": "office", "rating": 6}'),
            "data.rating must be a whole number <= 5: 6.",
        ),
        (line(occurred_at="2026-09-03T10:00:00"), "occurred_at has no offset from UTC"),
        (line(occurred_at=NEXT_CENTURY), "occurred_at is in the future of the log's clock"),
        (b'{"id": "\xff\xfe"}', "The line isn't UTF-8: byte 0xff at column 9"),
        (line(id="x" * 10_000_000), "The line is longer than 1,048,576 bytes"),
        (line(id="taken", source="other"), "has the same id with another source: 'taken'"),
    ],
    ids=[
        "unknown type",
        "missing field",
        "wrong type",
        "out of range",
        "no offset",
        "future",
        "not UTF-8",
        "10 MB",
        "conflict",
    ],
)
def test_an_unfit_line_costs_that_line(
    run: Run, tmp_path: Path, text: bytes, sentence: str
) -> None:
    """It is told on stderr in one sentence, kept beside the input, and the exit code is 1."""
    path = tmp_path / "in.jsonl"
    done = append(run, path, line(id="taken"), text, line(id="after"))
    assert done.returncode == 1
    (told,) = done.stderr.splitlines()
    assert told.startswith(f"{path}, line 2: ")
    assert sentence in told
    assert "Traceback" not in told
    kept = json.loads((tmp_path / "in.jsonl.rejected.jsonl").read_text())
    assert kept["line"] == 2
    assert sentence in kept["reason"]
    assert listed(run) == ["taken", "after"]


def test_strict_appends_nothing_beside_a_bad_line(run: Run, tmp_path: Path) -> None:
    """The whole input is one transaction, and every reason is still told."""
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n".join([line(id="a"), b"oops", b"{}"]))
    done = run("events", "append", "--strict", path)
    assert done.returncode == 1
    assert "line 2" in done.stderr
    assert "line 3" in done.stderr
    assert "nothing was appended, because of --strict" in done.stderr
    assert listed(run) == []


def test_standard_input_is_read(run: Run, workspace: Path) -> None:
    """Its rejected lines go to a file in the workspace."""
    done = run("events", "append", "-", stdin=line(id="a") + b"\noops")
    assert done.returncode == 1
    assert "standard input, line 2: The line isn't JSON" in done.stderr
    (rejects,) = workspace.glob("stdin-*.rejected.jsonl")
    assert json.loads(rejects.read_text())["raw"] == "oops"


def test_an_empty_file_is_said_to_be_empty(run: Run, tmp_path: Path) -> None:
    """Nothing to append is no failure, and isn't passed over in silence."""
    (tmp_path / "empty.jsonl").touch()
    done = run("events", "append", "empty.jsonl")
    assert (done.returncode, done.stderr) == (0, "empty.jsonl: there are no events in it.\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["."], "Error: A folder holds no events itself: '.'; name the files in it.\n"),
        (["gone.jsonl"], "Error: gone.jsonl: No such file or directory.\n"),
        (["good.jsonl", "gone.jsonl"], "Error: gone.jsonl: No such file or directory.\n"),
    ],
)
def test_an_unusable_file_is_told_before_anything_is_done(
    run: Run, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    """One sentence, exit code 2, and nothing was appended."""
    (tmp_path / "good.jsonl").write_bytes(line())
    done = run("events", "append", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence)
    assert listed(run) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_told(run: Run, tmp_path: Path) -> None:
    """A file without permission gives one sentence."""
    path = tmp_path / "secret.jsonl"
    path.touch(mode=0)
    done = run("events", "append", path)
    assert (done.returncode, done.stderr) == (2, f"Error: {path}: Permission denied.\n")


def test_a_folder_that_is_no_workspace_is_told(run: Run, tmp_path: Path) -> None:
    """Every command that needs one says so."""
    done = run("-w", tmp_path, "events", "list")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: This folder is no workspace")


def test_list_narrows(run: Run, tmp_path: Path) -> None:
    """Each option leaves out what it doesn't name, and the rest is pointed to."""
    append(
        run,
        tmp_path / "in.jsonl",
        line(id="a", account_id="acme", source="crm"),
        line(id="b", manager_id="kim", occurred_at="2026-09-01"),
        fee('{"amount": 1}', id="c"),
    )
    assert listed(run, "--account", "acme") == ["a", "c"]
    assert listed(run, "--manager", "kim") == ["b"]
    assert listed(run, "--type", "fee.charged") == ["c"]
    assert listed(run, "--source", "crm") == ["a"]
    assert listed(run, "--until", "2026-09-03") == ["b"]
    assert listed(run, "--since", "2026-09-02T00:00:00+02:00") == ["a", "c"]
    assert listed(run, "--after", "2") == ["c"]
    limited = run("events", "list", "--limit", "2")
    assert "There are more: go on with --after 2, or raise --limit." in limited.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["list", "--type", "visit.nodet"],
            "Error: There is no event type of that name: 'visit.nodet'; "
            "did you mean 'visit.noted'?\n",
        ),
        (["list", "--since", "soon"], "'soon' is no RFC 3339 time"),
        (["show", "x"], "Error: The log has no event of that id: 'x'"),
        (["types", "fee.chargd"], "did you mean 'fee.charged'?"),
        (["verify"], "There is no log here"),
        (["export", "--format", "parquet"], "Parquet needs a file: name one with -o."),
    ],
)
def test_misuse_is_told(run: Run, arguments: list[str], sentence: str) -> None:
    """Exit code 2, and a sentence that helps."""
    done = run("events", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stdout == ""


def test_show_holds_everything(run: Run, tmp_path: Path) -> None:
    """As JSON an object, with the payload as JSON within."""
    append(run, tmp_path / "in.jsonl", line(id="a", account_id="acme"))
    event = json.loads(run("events", "show", "a", "--format", "json").stdout)
    assert event["position"] == 1
    assert event["data"] == json.loads(OFFICE)
    assert len(event["hash"]) == 64
    table = run("events", "show", "a").stdout
    assert "acme" in table
    assert "2026-09-03T10:00:00Z" in table


def test_csv_is_csv(run: Run, tmp_path: Path) -> None:
    """A payload with commas and quotes stays one cell."""
    append(run, tmp_path / "in.jsonl", line('{"channel": "office", "people": ["a,b"]}', id="a"))
    (row,) = csv.DictReader(io.StringIO(run("events", "list", "--format", "csv").stdout))
    assert (row["id"], row["account_id"]) == ("a", "")
    assert json.loads(row["data"]) == {"channel": "office", "people": ["a,b"]}


def test_nothing_in_an_event_acts_upon_the_terminal(run: Run, tmp_path: Path) -> None:
    """Control characters and markup are shown, not obeyed."""
    append(run, tmp_path / "in.jsonl", line(id="[red]\x1b[31mid", account_id="a\nb"))
    text = run("events", "list").stdout
    assert "[red]\\x1b[31mid" in text
    assert "a\\nb" in text


def test_types_describe_their_fields(run: Run) -> None:
    """Name, meaning, and what each field may hold."""
    types = json.loads(run("events", "types", "--format", "json").stdout)
    assert {"visit.noted", "fee.charged", "badge.lost"} <= {row["type"] for row in types}
    fields = json.loads(run("events", "types", "visit.noted", "--format", "json").stdout)
    by_name = {field["field"]: field for field in fields}
    assert by_name["channel"] == {
        "field": "channel",
        "type": "office | video | fair",
        "required": True,
        "default": None,
    }
    assert by_name["rating"]["type"] == "whole number from 1 to 5"
    assert by_name["people"]["type"] == "list of text"
    assert by_name["useful"]["default"] is True
    assert "Somebody went." in run("events", "types", "visit.noted").stdout


def test_verify_shows_the_head_and_finds_a_change(
    run: Run, tmp_path: Path, workspace: Path
) -> None:
    """A log whose row was changed, or whose end was cut off, fails with exit code 2."""
    append(run, tmp_path / "in.jsonl", line(id="a"), line(id="b"))
    head = json.loads(run("events", "verify", "--format", "json").stdout)
    assert (head["position"], head["status"]) == (2, "ok")
    noted = f"2:{head['hash']}"
    assert run("events", "verify", "--expect", noted).returncode == 0
    with closing(sqlite3.connect(workspace / "events.db", isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER events_refuse_delete")
        connection.execute("DELETE FROM events WHERE position = 2")
    assert run("events", "verify").returncode == 0  # nothing in the file tells of its old end
    cut = run("events", "verify", "--expect", noted)
    assert cut.returncode == 2
    assert "doesn't hold the head that was noted at position 2" in cut.stderr
    with closing(sqlite3.connect(workspace / "events.db", isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER events_refuse_update")
        connection.execute("UPDATE events SET account_id = 'mine'")
    changed = run("events", "verify")
    assert changed.returncode == 2
    assert "The event at position 1 isn't what was recorded there" in changed.stderr


def test_a_corrupted_log_gives_one_sentence(run: Run, workspace: Path) -> None:
    """Something else in the place of the log is told, not traced."""
    (workspace / "events.db").write_bytes(b"no database at all" * 500)
    for command in (["list"], ["verify"], ["show", "a"]):
        done = run("events", *command)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "The file is no SQLite database" in done.stderr


@pytest.mark.parametrize("form", ["jsonl", "cloudevents"])
def test_an_export_can_be_appended(run: Run, tmp_path: Path, form: str) -> None:
    """Through a pipe or a file, into another workspace: the same events and hashes."""
    events = [line(id="a", source="crm"), fee('{"amount": "1.50"}', id="b", source="erp")]
    append(run, tmp_path / "in.jsonl", *events)
    (tmp_path / "other" / "config").mkdir(parents=True)
    (tmp_path / "other" / "config" / "organisation.yaml").write_text(ORGANISATION)
    assert run("events", "export", "--format", form, "-o", "out.jsonl").returncode == 0
    piped = run("events", "export", "--format", form).stdout
    assert piped == (tmp_path / "out.jsonl").read_text()
    other = run("-w", "other", "events", "append", "-", stdin=piped.encode())
    assert other.returncode == 0, other.stderr
    heads = [run(*w, "events", "verify", "--format", "json").stdout for w in ([], ["-w", "other"])]
    assert heads[0] == heads[1]


def test_check_finds_unknown_fields(run: Run, tmp_path: Path) -> None:
    """There is something to look at: exit code 1, with the nearest name."""
    append(run, tmp_path / "in.jsonl", line('{"channel": "office", "minuts": 3}'))
    done = run("events", "check", "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == [
        {
            "type": "visit.noted",
            "field": "minuts",
            "events": 1,
            "hint": "did you mean 'minutes'?",
        }
    ]


def test_a_reader_that_goes_away_is_no_failure(
    run: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    """`events export | head -1` ends quietly."""
    append(run, tmp_path / "in.jsonl", *(line(id=f"v{i}") for i in range(5_000)))
    for command in (["export"], ["list", "--limit", "5000", "--format", "csv"]):
        process = subprocess.Popen(
            [sys.executable, "-m", "kamengine", "events", *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait() == 0


def batch_ends(path: Path) -> list[int]:
    """Return how many events of a file are in after each of its batches."""
    ends, count = [0], 0
    with path.open("rb") as file:
        for block in read_blocks(file):
            assert isinstance(block, Block)
            count += block.text.count(b"\n")
            if count - ends[-1] >= BATCH:
                ends.append(count)
    return ends


def test_a_killed_append_leaves_whole_batches(
    run: Run, environment: dict[str, str], tmp_path: Path, workspace: Path
) -> None:
    """After kill -9 the log verifies, and the same file again completes it without duplicates."""
    count = 100_000
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n".join(line(id=f"v{i}") for i in range(count)))
    log = SQLiteEventLog(workspace / "events.db")
    process = subprocess.Popen(
        [sys.executable, "-m", "kamengine", "events", "append", path], env=environment
    )
    deadline = time.monotonic() + 30
    while log.head().position == 0 and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    kept = log.verify().position
    assert 0 < kept < count
    assert kept in batch_ends(path)
    assert [event.id for event in log.events()] == [f"v{i}" for i in range(kept)]
    done = run("events", "append", path, "--format", "json")
    (result,) = json.loads(done.stdout)
    assert (result["appended"], result["duplicates"]) == (count - kept, kept)
    assert log.verify().position == count


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A workspace on a disk of 1 MiB."""
    root = tmp_path / "small"
    root.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", root], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk takes root")
    (root / "config").mkdir()
    (root / "config" / "organisation.yaml").write_text(ORGANISATION)
    yield root
    subprocess.run(["umount", root], check=True)


def test_a_full_disk_gives_one_sentence(run: Run, tmp_path: Path, small_disk: Path) -> None:
    """What was in before stands, and the log verifies."""
    (tmp_path / "first.jsonl").write_bytes(line(id="first"))
    assert run("-w", small_disk, "events", "append", "first.jsonl").returncode == 0
    (tmp_path / "many.jsonl").write_bytes(b"\n".join(line(id=f"v{i}") for i in range(20_000)))
    done = run("-w", small_disk, "events", "append", "many.jsonl")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "The disk is full; the batch at hand was undone and all before it stands" in done.stderr
    head = json.loads(run("-w", small_disk, "events", "verify", "--format", "json").stdout)
    assert head["position"] == 1


def test_a_mistake_in_another_file_keeps_no_event_out(run: Run, workspace: Path) -> None:
    """Events need to know where days begin; which KPIs count is nothing to them."""
    (workspace / "config" / "kpis.yaml").write_text("nsp: {}\nnsp: {}\n")
    (workspace / "one.jsonl").write_bytes(line(id="one") + b"\n")
    result = run("events", "append", str(workspace / "one.jsonl"), "--format", "json")

    assert result.returncode == 0
    assert json.loads(result.stdout)[0]["appended"] == 1
