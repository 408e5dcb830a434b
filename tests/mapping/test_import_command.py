"""`events import` as a user runs it: what comes in, what stays out, and what is said."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kamengine.cli import main
from kamengine.cli.context import App
from kamengine.event import EventType
from kamengine.log.contract import StoredEvent
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry

HEADER = "id,agent,opened,amount,stage\n"
GOOD = "A1,Kim Lee,3/14/2026,10.50,Won\n"
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)

Run = Callable[..., Result]


@pytest.fixture
def registry(types: dict[str, EventType]) -> Registry:
    found = Registry()
    found.event_types.update(types)
    return found


@pytest.fixture
def folder(tmp_path: Path, deals: str) -> Path:
    """A workspace with a mapping and a file of one deal."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "organisation.yaml").write_text(
        "name: Test\nreporting_currency: EUR\ntime_zone: UTC\n"
    )
    (tmp_path / "crm.yaml").write_text(deals)
    (tmp_path / "deals.csv").write_text(HEADER + GOOD)
    return tmp_path


@pytest.fixture
def run(folder: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `events import crm.yaml` in the workspace."""
    monkeypatch.chdir(folder)

    def run_import(*arguments: str) -> Result:
        app = App(folder, registry, lambda: NOW)
        return CliRunner().invoke(main, ["events", "import", "crm.yaml", *arguments], obj=app)

    return run_import


@pytest.fixture
def logged(folder: Path) -> Callable[[], list[StoredEvent]]:
    return lambda: list(SQLiteEventLog(folder / "events.db").events())


Logged = Callable[[], list[StoredEvent]]


def rejected(folder: Path, name: str = "deals.csv") -> list[dict[str, object]]:
    lines = (folder / f"{name}.rejected.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_rows_come_in(run: Run, logged: Logged) -> None:
    """A row is an event in the log, and the summary counts it."""
    result = run("deals.csv", "--format", "json")
    assert result.exit_code == 0, result.output
    (summary,) = json.loads(result.stdout)
    assert (summary["rows"], summary["appended"], summary["duplicates"]) == (1, 1, 0)
    assert summary["events"] == {"deal.opened": 1}
    (event,) = logged()
    assert (event.id, event.manager_id, event.source) == ("crm:deal-A1", "kim-lee", "crm")
    assert event.occurred_at == int(dt.datetime(2026, 3, 14, tzinfo=dt.UTC).timestamp()) * 10**6
    assert event.data == '{"deal_id":"A1","amount":10.50}'


def test_importing_twice_appends_nothing(run: Run, logged: Logged) -> None:
    """The same rows are duplicates the second time."""
    run("deals.csv")
    before = logged()
    result = run("deals.csv", "--format", "json")
    assert result.exit_code == 0, result.output
    (summary,) = json.loads(result.stdout)
    assert (summary["appended"], summary["duplicates"], summary["conflicts"]) == (0, 1, 0)
    assert logged() == before


def test_a_newer_export_brings_what_is_new(run: Run, folder: Path, logged: Logged) -> None:
    """Rows that are in the log already are passed over, new ones come in."""
    run("deals.csv")
    (folder / "deals-2.csv").write_text(f"{HEADER}{GOOD}A2,Kim,3/15/2026,1,Won\n")
    (summary,) = json.loads(run("deals-2.csv", "--format", "json").stdout)
    assert (summary["appended"], summary["duplicates"]) == (1, 1)
    assert [event.id for event in logged()] == ["crm:deal-A1", "crm:deal-A2"]


def test_another_content_is_a_conflict(run: Run, folder: Path, logged: Logged) -> None:
    """A row that says something else under the same id is refused; the log keeps what it has."""
    run("deals.csv")
    before = logged()
    (folder / "deals.csv").write_text(HEADER + GOOD.replace("10.50", "99"))
    result = run("deals.csv", "--format", "json")
    assert result.exit_code == 1
    (summary,) = json.loads(result.stdout)
    assert (summary["appended"], summary["conflicts"]) == (0, 1)
    assert "crm:deal-A1" in result.stderr
    assert logged() == before
    (line,) = rejected(folder)
    assert line["line"] == 2
    assert "data.amount" in str(line["reason"])


def test_the_same_id_twice_in_a_file(run: Run, folder: Path, logged: Logged) -> None:
    """Two rows of one id and other contents are a conflict too; the first one counts."""
    (folder / "deals.csv").write_text(HEADER + GOOD + GOOD + GOOD.replace("10.50", "99"))
    (summary,) = json.loads(run("deals.csv", "--format", "json").stdout)
    assert (summary["appended"], summary["duplicates"], summary["conflicts"]) == (1, 1, 1)
    assert rejected(folder)[0]["line"] == 4
    assert len(logged()) == 1


def test_rejected_rows(run: Run, folder: Path, logged: Logged) -> None:
    """Unfit rows go to a file beside the input with line, reason and text; good ones come in."""
    bad = 'A2,"Kim\nLee",14/3/2026,1,Won\nA3,Kim\nA4,Kim,3/14/2027,1,Won\nJ,,,,Junk\n'
    (folder / "deals.csv").write_text(HEADER + bad + GOOD)
    result = run("deals.csv", "--format", "json")
    assert result.exit_code == 1
    (summary,) = json.loads(result.stdout)
    assert [summary[k] for k in ("rows", "skipped", "appended", "rejected")] == [5, 1, 1, 3]
    assert summary["skipped_by_reason"] == {"junk": 1}
    first, second, third = rejected(folder)
    assert first == {
        "line": 2,
        "reason": "occurred_at of deal.opened, column opened: This is no date of the form "
        "%m/%d/%Y: '14/3/2026'.",
        "raw": 'A2,"Kim\nLee",14/3/2026,1,Won\n',
    }
    assert (second["line"], second["raw"]) == (4, "A3,Kim\n")
    # The log refuses what is to happen after its clock; the line is still that of the row.
    assert third["line"] == 5
    assert json.loads(str(third["raw"]))["id"] == "crm:deal-A4"
    assert [event.id for event in logged()] == ["crm:deal-A1"]
    assert "deals.csv, line 2: occurred_at of deal.opened" in result.stderr
    assert "deals.csv: 1 skipped (junk)" in result.stderr


def test_bytes_that_are_no_text(run: Run, folder: Path) -> None:
    """A row in another encoding is kept byte for byte."""
    (folder / "deals.csv").write_bytes(f"{HEADER}A2,M".encode() + b"\xfcller,3/1/2026,1,Won\n")
    assert run("deals.csv").exit_code == 1
    (line,) = rejected(folder)
    assert "raw_base64" in line


def test_strict(run: Run, folder: Path, logged: Logged) -> None:
    """With --strict, one unfit row keeps out everything of every file."""
    (folder / "deals-2.csv").write_text(f"{HEADER}A2,Kim,never,1,Won\n")
    result = run("deals.csv", "deals-2.csv", "--strict")
    assert result.exit_code == 1
    assert "nothing was appended, because of --strict" in result.stderr
    assert logged() == []
    assert len(rejected(folder, "deals-2.csv")) == 1


def test_dry_run(run: Run, folder: Path, logged: Logged) -> None:
    """A dry run shows the first two events of a type, counts all, and leaves no trace."""
    rows = "".join(f"A{n},Kim,3/{n}/2026,1,Won\n" for n in range(1, 5))
    (folder / "deals.csv").write_text(f"{HEADER}{rows}A9,Kim,never,1,Won\n")
    result = run("deals.csv", "--dry-run")
    assert result.exit_code == 1
    shown = [json.loads(line) for line in result.stdout.splitlines()]
    assert [event["id"] for event in shown] == ["crm:deal-A1", "crm:deal-A2"]
    assert "deals.csv: 4 deal.opened" in result.stderr
    assert "deals.csv, line 6: occurred_at of deal.opened" in result.stderr
    assert logged() == []
    assert not (folder / "deals.csv.rejected.jsonl").exists()


def test_a_mapping_with_faults(run: Run, folder: Path, deals: str, logged: Logged) -> None:
    """Every fault of a mapping is told at once, and nothing is imported."""
    (folder / "crm.yaml").write_text(deals.replace("slug:", "drop_time:").replace("{id}", "{id"))
    result = run("deals.csv")
    assert result.exit_code == 2
    assert result.stderr.count("Error: crm.yaml:") == 3
    assert logged() == []


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("absent.csv", None, "No source of the mapping fits this file's name: 'absent.csv'"),
        ("deals-0.csv", None, "This file can't be read (No such file or directory)"),
        ("deals-3.csv", "", "deals-3.csv: This file has no header"),
        ("deals-4.csv", "id,agent\n", "no column 'stage', which skip asks for"),
    ],
)
def test_files_that_cannot_be_read(
    run: Run, folder: Path, name: str, content: str | None, expected: str
) -> None:
    """A file that can't be read as the mapping says is told before anything is appended."""
    if content is not None:
        (folder / name).write_text(content)
    result = run("deals.csv", name)
    assert result.exit_code == 2
    assert expected in result.stderr
    assert not (folder / "events.db").exists()


def test_many_rows(run: Run, folder: Path, logged: Logged) -> None:
    """Lines are right beyond the first batch of rows."""
    rows = "".join(f"A{n},Kim,3/1/2026,{n},Won\n" for n in range(1, 4_501))
    (folder / "deals.csv").write_text(f"{HEADER}{rows}A1,Kim,3/1/2026,5,Won\n")
    result = run("deals.csv")
    assert result.exit_code == 1
    assert len(logged()) == 4_500
    assert [line["line"] for line in rejected(folder)] == [4_502]
