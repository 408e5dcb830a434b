"""`events correct` and `events retract`, and how `show` and `list` tell of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.log.test_intake import line

VIDEO = '{"channel": "video", "minutes": 45}'
BECAUSE = ("--reason", "heard otherwise")


@pytest.fixture
def kept(run: Run, tmp_path: Path) -> Run:
    """The command line over a log of two visits."""
    (tmp_path / "in.jsonl").write_bytes(
        line(id="v1", account_id="acme") + b"\n" + line(id="v2", account_id="acme")
    )
    assert run("events", "append", tmp_path / "in.jsonl").returncode == 0
    return run


def shown(run: Run, event_id: str) -> dict[str, Any]:
    done = run("events", "show", event_id, "--format", "json")
    assert done.returncode == 0, done.stderr
    event: dict[str, Any] = json.loads(done.stdout)
    return event


def statuses(run: Run) -> dict[str, str]:
    listed = json.loads(run("events", "list", "--format", "json").stdout)
    return {event["id"]: event["status"] for event in listed}


def test_a_correction_is_appended_and_shown_with_the_event(kept: Run) -> None:
    """Both payloads are there; the event itself is as it was recorded."""
    before = shown(kept, "v1")
    assert (before["status"], before["amendments"]) == ("recorded", [])
    done = kept("events", "correct", "v1", "--data", VIDEO, *BECAUSE, "--format", "json")
    assert done.returncode == 0, done.stderr
    appended = json.loads(done.stdout)
    assert (appended["id"], appended["account_id"]) == ("v1#corrected", "acme")
    after = shown(kept, "v1")
    assert after["data"] == before["data"]
    assert after["data_now"] == json.loads(VIDEO)
    assert (after["status"], after["amended_by"]) == ("corrected", "v1#corrected")
    (said,) = after["amendments"]
    assert (said["reason"], said["holds"], said["data"]) == (BECAUSE[1], True, json.loads(VIDEO))
    table = kept("events", "show", "v1").stdout
    assert "data_now" in table
    assert BECAUSE[1] in table


def test_to_correct_once_more_is_another_event(kept: Run) -> None:
    """The same payload again is none; it may come on standard input, on several lines."""
    kept("events", "correct", "v1", "--data", VIDEO, *BECAUSE)
    again = kept("events", "correct", "v1", "--data", '{"minutes":45,"channel":"video"}', *BECAUSE)
    assert (again.returncode, "It says so already" in again.stderr) == (0, True)
    text = VIDEO.replace("45", "50").replace(",", ",\n").encode()
    assert kept("events", "correct", "v1", "--data", "-", *BECAUSE, stdin=text).returncode == 0
    assert statuses(kept) == {
        "v1": "corrected",
        "v2": "recorded",
        "v1#corrected": "recorded",
        "v1#corrected-2": "recorded",
    }
    assert shown(kept, "v1")["data_now"]["minutes"] == 50


def test_a_retraction_can_be_retracted_and_said_again(kept: Run) -> None:
    """Each is an event of its own; to retract what is retracted appends nothing."""
    assert kept("events", "retract", "v1", *BECAUSE).returncode == 0
    twice = kept("events", "retract", "v1", *BECAUSE)
    assert (twice.returncode, twice.stderr) == (0, "It is retracted already, by v1#retracted.\n")
    assert statuses(kept)["v1"] == "retracted"
    kept("events", "retract", "v1#retracted", *BECAUSE)
    assert statuses(kept)["v1"] == "recorded"
    kept("events", "retract", "v1", *BECAUSE)
    assert statuses(kept) == {
        "v1": "retracted",
        "v2": "recorded",
        "v1#retracted": "retracted",
        "v1#retracted#retracted": "recorded",
        "v1#retracted-2": "recorded",
    }
    assert [a["holds"] for a in shown(kept, "v1")["amendments"]] == [False, True]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("retract", "v9", *BECAUSE), "The log has no event of that id: 'v9'"),
        (("retract", "v1"), "Missing option '--reason'"),
        (("retract", "v1", "--reason", ""), "data.reason"),
        (("correct", "v1", "--data", "{", *BECAUSE), "Invalid value for --data: It isn't JSON"),
        (
            ("correct", "v1", "--data", '{"channel": "fax"}', *BECAUSE),
            "as payload of 'v1', a visit.noted: data.channel is none of the values",
        ),
        (("correct", "v2", "--data", VIDEO, *BECAUSE), "retract its retraction 'v2#retracted'"),
        (
            ("correct", "v2#retracted", "--data", VIDEO, *BECAUSE),
            "A correction can't correct another: 'v2#retracted'",
        ),
        (
            ("correct", "v1", "--data", VIDEO, "--version", "2", *BECAUSE),
            "visit.noted has no version 2; its newest is 1.",
        ),
    ],
)
def test_what_can_not_be_done_is_told(kept: Run, arguments: tuple[str, ...], sentence: str) -> None:
    """In a sentence, with exit code 2 and nothing appended."""
    kept("events", "retract", "v2", *BECAUSE)
    done = kept("events", *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(statuses(kept)) == 3
