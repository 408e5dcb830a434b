from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import psutil
import pytest

from kamengine.event import EventData, EventType
from kamengine.log import loading, validation
from kamengine.log.intake import Intake
from kamengine.log.lines import Block
from kamengine.log.validation import Validation
from kamengine.plugins import Registry
from kamengine.testing.log_contract import NOON
from tests.log.test_intake import line


def children() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if "kamengine.log.validator" in p.cmdline()]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "MANY", 2)


def blocks(count: int, bad: int | None = None) -> Iterator[Block]:
    """Yield blocks of two lines; the second line of one block is no event."""
    for number in range(count):
        second = b"oops" if number == bad else line(id=f"{number}-b")
        yield Block(2 * number + 1, line(id=f"{number}-a") + b"\n" + second + b"\n")


def wait_for_child(validating: Validation) -> None:
    """Wait until the child answers."""
    for block in blocks(2):
        validating.submit(block).result()
    assert validating._starting is not None
    validating._starting.result(timeout=30)


def test_another_process_finds_what_this_one_finds(intake: Intake) -> None:
    """Events, line numbers and sizes are those of an intake that is asked directly."""
    with Validation(intake) as validating:
        wait_for_child(validating)
        assert len(children()) == 1
        for block in blocks(20):
            found, expected = (
                validating.submit(block).result(),
                intake.admit(block.text, block.first),
            )
            assert (found.events, found.lines) == (expected.events, expected.lines)
            assert found.size == len(block.text)
    assert children() == []


def test_another_kamengine_in_the_folder_is_left_alone(
    intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process runs this one's code, whatever lies where it is started."""
    (tmp_path / "kamengine").mkdir()
    (tmp_path / "kamengine" / "__init__.py").write_text("raise RuntimeError('another one')")
    monkeypatch.chdir(tmp_path)
    with Validation(intake) as validating:
        wait_for_child(validating)
        process = validating._process()
        assert process is not None
        (block,) = blocks(1)
        assert process.ask(block, intake) is not None


def test_a_bad_line_is_rejected_with_its_number(intake: Intake) -> None:
    """A block with an unfit line keeps its good lines and tells which one is unfit, and why."""
    with Validation(intake) as validating:
        wait_for_child(validating)
        found = [validating.submit(block).result() for block in blocks(10, bad=7)]
    assert [(r.line, r.raw) for a in found for r in a.rejections] == [(16, b"oops")]
    assert sum(len(a.events) for a in found) == 19


def test_a_killed_process_costs_nothing(intake: Intake) -> None:
    """Whatever the child no longer answers is validated here."""
    with Validation(intake) as validating:
        wait_for_child(validating)
        (child,) = children()
        os.kill(child.pid, signal.SIGKILL)
        found = [validating.submit(block).result() for block in blocks(10)]
    assert [event[0] for a in found for event in a.events] == [
        f"{number}-{half}" for number in range(10) for half in "ab"
    ]


def test_types_that_cannot_be_handed_over_are_validated_here() -> None:
    """A type made inside a function, as in a test, works all the same."""

    class Local(EventData, frozen=True, kw_only=True):
        """Made here."""

        channel: str

    registry = Registry()
    registry.event_types["visit.noted"] = EventType(
        name="visit.noted", data=Local, doc="Local.", account="optional", manager="optional"
    )
    with Validation(Intake(registry, ZoneInfo("UTC"), lambda: NOON)) as validating:
        wait_for_child(validating)
        found = [validating.submit(block).result() for block in blocks(5)]
        assert children() == []
    assert sum(len(a.events) for a in found) == 10


def test_lines_keep_their_order_however_many_there_are(
    intake: Intake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source's admissions come in the order of its lines, overlong ones among them."""
    monkeypatch.setattr("kamengine.log.lines.BLOCK_BYTES", 1_000)
    path = tmp_path / "many.jsonl"
    lines = [line(id=str(number)) for number in range(2_000)]
    lines[700] = b"x" * 30_000
    path.write_bytes(b"\n".join(lines))
    source = loading.Source("many", lambda: path.open("rb"), path, path)
    found = list(source.admissions(intake, 20_000))
    numbers = [n for a in found for n in (*a.lines, *(r.line for r in a.rejections))]
    assert numbers == list(range(1, 2_001))
    assert msgspec.json.encode([e[0] for a in found for e in a.events][700:702]) == b'["701","702"]'
