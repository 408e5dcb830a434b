"""Amendments at the door: what may be corrected or retracted, and by what."""

from __future__ import annotations

import io
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kamengine.log.amendments import voided
from kamengine.log.contract import EventFilter
from kamengine.log.export import cloud_event_lines, json_lines, write_lines
from kamengine.log.intake import Intake
from kamengine.log.loading import Loaded, Source, load
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry
from kamengine.testing.log_contract import NOON
from kamengine.vocabulary import AMENDING

VISIT = {"channel": "office", "minutes": 30}


def line(
    event_id: str, type_name: str, account: str | None = None, /, **data: object
) -> dict[str, Any]:
    """Return an event as a line says it."""
    envelope = {} if account is None else {"account_id": account}
    return {
        "id": event_id,
        "type": type_name,
        "occurred_at": "2026-09-03T10:00:00Z",
        "data": data,
        **envelope,
    }


def corrected(event_id: str, target: str, data: object, **rest: object) -> dict[str, Any]:
    return line(event_id, "event.corrected", None, target_id=target, data=data, **rest)


def retracted(event_id: str, target: str) -> dict[str, Any]:
    return line(event_id, "event.retracted", target_id=target, reason="never happened")


@pytest.fixture
def log(tmp_path: Path) -> SQLiteEventLog:
    return SQLiteEventLog(tmp_path / "events.db", lambda: NOON)


class Desk:
    """Where lines are handed in."""

    def __init__(self, log: SQLiteEventLog, intake: Intake, folder: Path) -> None:
        self.log, self.intake, self.folder = log, intake, folder

    def take(self, *lines: dict[str, Any] | bytes, strict: bool = False) -> Loaded:
        texts = [text if isinstance(text, bytes) else json.dumps(text).encode() for text in lines]
        rejects = self.folder / "rejected.jsonl"
        text = b"\n".join(texts)
        source = Source("lines", lambda: nullcontext(io.BytesIO(text)), rejects, rejects)
        return load(self.log, self.intake, [source], strict=strict)[0]

    def refusal(self, amendment: dict[str, Any]) -> str:
        """Return why an amendment isn't taken."""
        loaded = self.take(amendment)
        assert (loaded.appended, loaded.failures) == (0, 1)
        assert self.log.get(str(amendment["id"])) is None
        return loaded.reasons[0].removeprefix("lines, line 1: ")


@pytest.fixture
def desk(log: SQLiteEventLog, intake: Intake, tmp_path: Path) -> Desk:
    """A log with a visit, a fee of the first version, and a correction of each."""
    desk = Desk(log, intake, tmp_path)
    visit = {**line("v1", "visit.noted", "acme", **VISIT), "manager_id": "kim"}
    loaded = desk.take(
        visit,
        line("f1", "fee.charged", "bolt", cents=250),
        corrected("c1", "v1", {"channel": "video"}),
        corrected("c2", "f1", {"cents": 300}, reason="a slip"),
    )
    assert (loaded.appended, loaded.failures) == (4, 0), loaded.reasons
    return desk


def test_account_and_manager_are_those_of_the_event_amended(desk: Desk) -> None:
    """They are filled in, also for a retraction of an amendment, and needn't be given."""
    desk.take(retracted("r1", "c1"))
    found = [desk.log.get(event_id) for event_id in ("c1", "c2", "r1")]
    held = [(e.account_id, e.manager_id) for e in found if e is not None]
    assert held == [("acme", "kim"), ("bolt", None), ("acme", "kim")]


def test_an_account_that_is_given_must_be_that_of_the_event(desk: Desk) -> None:
    """Who names another account means another event."""
    named = desk.refusal({**retracted("r1", "v1"), "account_id": "bolt"})
    assert named == (
        "account_id isn't that of the event 'v1', 'acme': 'bolt'; leave it out: it is filled in."
    )
    assert desk.take({**retracted("r2", "v1"), "account_id": "acme"}).appended == 1


def test_what_is_amended_must_be_in_the_log(desk: Desk) -> None:
    """An amendment of an event that is still to come is refused, as is one of itself."""
    for target in ("v2", "r1"):
        assert desk.refusal(retracted("r1", target)) == (
            f"The log has no event of the id that target_id names: {target!r}; an amendment"
            " comes in behind the event that it amends."
        )


def test_what_is_amended_may_stand_ahead_of_it_in_the_same_file(desk: Desk) -> None:
    """Also where it is an amendment itself."""
    loaded = desk.take(
        line("v2", "visit.noted", "cube", **VISIT),
        corrected("c3", "v2", VISIT),
        retracted("r1", "c3"),
        line("v3", "visit.noted", "cube", **VISIT),
        retracted("r2", "v3"),
        retracted("r0", "v4"),
        line("v4", "visit.noted", "cube", **VISIT),
    )
    assert (loaded.appended, loaded.rejected) == (6, 1)
    assert [e.id for e in desk.log.events(EventFilter(after=4))] == [
        "v2", "c3", "r1", "v3", "r2", "v4",
    ]  # fmt: skip


def test_an_event_that_is_refused_can_not_be_amended(desk: Desk) -> None:
    """What the log didn't take isn't there, though it stands ahead of its amendment."""
    early = {**line("v2", "visit.noted", None, **VISIT), "recorded_at": "2026-09-01T00:00:00Z"}
    loaded = desk.take(early, retracted("r1", "v2"))
    assert (loaded.appended, loaded.rejected) == (0, 2)
    assert "target_id names: 'v2'" in loaded.reasons[1]


def test_a_correction_must_be_a_payload_of_the_type_of_the_event(desk: Desk) -> None:
    """What is wrong is told as for any payload of that type."""
    told = desk.refusal(corrected("c3", "v1", {"channel": "fax"}))
    assert told == (
        "as payload of 'v1', a visit.noted: data.channel is none of the values that it may have:"
        " 'fax'; one of office, video, fair."
    )
    told = desk.refusal(corrected("c3", "v1", {"minutes": 3}))
    assert told == "as payload of 'v1', a visit.noted: data.channel is missing."
    assert "must be an object" in desk.refusal(corrected("c3", "v1", [1]))
    assert "data.ended_at" in desk.refusal(
        corrected("c3", "v1", {"channel": "video", "ended_at": "2026-09-03T10:00:00"})
    )


def test_a_correction_follows_the_version_of_the_event_or_says_another(desk: Desk) -> None:
    """A fee of version 1 is in cents; version 2 has an amount, which must be exact."""
    assert "data.cents is missing" in desk.refusal(corrected("c3", "f1", {"amount": "3.00"}))
    assert desk.take(corrected("c3", "f1", {"amount": "3.00"}, version=2)).appended == 1
    inexact = corrected("c4", "f1", {"amount": "3.0000001"}, version=2)
    assert "data.amount can't be kept exactly" in desk.refusal(inexact)
    assert "fee.charged has no version 3" in desk.refusal(corrected("c4", "f1", {}, version=3))


def test_a_correction_can_not_be_corrected(desk: Desk) -> None:
    """Another one takes its place; a retraction of it brings back what was."""
    assert desk.refusal(corrected("c3", "c1", {"channel": "video"})) == (
        "A correction can't correct another: 'c1'; append another correction of 'v1', or"
        " retract this one."
    )
    assert desk.take(retracted("r1", "c1"), retracted("r2", "r1")).appended == 2


def test_a_retraction_needs_a_reason(desk: Desk) -> None:
    """Nothing disappears without a word."""
    bare = line("r1", "event.retracted", target_id="v1")
    assert desk.refusal(bare) == "data.reason is missing."
    assert "data.reason" in desk.refusal(line("r1", "event.retracted", target_id="v1", reason=""))


def test_the_same_amendment_again_is_a_duplicate(desk: Desk) -> None:
    """With or without the account that was filled in."""
    again = corrected("c1", "v1", {"channel": "video"})
    loaded = desk.take(again, {**again, "account_id": "acme", "manager_id": "kim"})
    assert (loaded.appended, loaded.duplicates, loaded.failures) == (0, 2, 0)
    other = desk.take(corrected("c1", "v1", {"channel": "office"}))
    assert other.conflicts == 1
    assert "another data.data" in other.reasons[0]


def test_with_strict_one_unfit_amendment_keeps_everything_out(desk: Desk) -> None:
    """Events ahead of it are undone."""
    good = line("v2", "visit.noted", "cube", **VISIT)
    loaded = desk.take(good, retracted("r1", "v2"), retracted("r2", "nope"), strict=True)
    assert loaded.undone
    assert desk.log.head().position == 4


@pytest.mark.parametrize("lines_of", [json_lines, cloud_event_lines])
def test_an_exported_log_comes_back_with_its_amendments(
    desk: Desk, lines_of: Any, tmp_path: Path
) -> None:
    """Event by event the same, in both forms, into an empty log."""
    desk.take(retracted("r1", "c1"), retracted("r2", "f1"))
    out = io.BytesIO()
    write_lines(lines_of(desk.log.events()), out)
    other = Desk(SQLiteEventLog(tmp_path / "other.db", lambda: NOON), desk.intake, tmp_path)
    loaded = other.take(*out.getvalue().splitlines())
    assert (loaded.appended, loaded.failures) == (6, 0)
    said = [(e.id, e.type, e.account_id, e.manager_id, e.data) for e in other.log.events()]
    assert said == [(e.id, e.type, e.account_id, e.manager_id, e.data) for e in desk.log.events()]


def test_long_files_are_held_against_the_log_as_well(desk: Desk) -> None:
    """Where a second process validates, amendments are found all the same."""
    count = 60_000
    lines = [line(f"n{i}", "visit.noted", "acme", **VISIT) for i in range(count)]
    loaded = desk.take(*lines, retracted("r1", f"n{count - 1}"), retracted("r2", "nope"))
    assert (loaded.appended, loaded.rejected) == (count + 1, 1)


def test_the_types_of_the_engine_are_always_there() -> None:
    """An intake without any pack knows them, and no fact table is made of them."""
    registry = Registry()
    assert {"event.corrected", "event.retracted"} <= registry.event_types.keys()
    assert registry.fact_types == {}
    intake = Intake(registry, ZoneInfo("UTC"), lambda: NOON)
    admission = intake.admit(json.dumps(retracted("r1", "v1")).encode())
    assert (len(admission.events), admission.amending) == (1, True)


def test_a_retraction_that_was_retracted_voids_nothing() -> None:
    """From the end of the log backwards: 9 voids 8, so 8 voids nothing, and 7 holds."""
    assert voided([]) == set()
    assert voided([(8, 7)]) == {7}
    assert voided([(8, 7), (9, 8)]) == {8}
    assert voided([(8, 7), (9, 8), (10, 9)]) == {9, 7}
    assert voided([(8, 7), (10, 7), (9, 8)]) == {8, 7}


def test_amendments_are_found_without_reading_the_log(desk: Desk) -> None:
    """An index names the engine's own events: asking for them touches no other."""
    assert [e.id for e in desk.log.records(AMENDING)] == ["c1", "c2"]
    assert [e.id for e in desk.log.events(EventFilter(type="event.retracted"))] == []
