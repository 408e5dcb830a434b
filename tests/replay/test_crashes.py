"""Killed, crowded and cut short: what readers see is one complete replay or the next."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kamengine.courier.client import Courier
from kamengine.errors import ReplayError
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.replay import state
from tests.bakery import Shop
from tests.replay.crash import orders, shop_in

BASE = 4_000


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.replay.crash", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory, bakery_courier: Courier) -> Path:
    """A workspace of some thousand orders, replayed, to be copied."""
    folder = tmp_path_factory.mktemp("crash") / "shop"
    shop = shop_in(folder, bakery_courier)
    shop.append(*orders("base", 0, BASE))
    shop.replay()
    shop.append(*orders("more", 0, 100))
    shop.replay()
    return folder


@pytest.fixture
def crowded(replayed: Path, tmp_path: Path, bakery_courier: Courier) -> Shop:
    folder = tmp_path / "shop"
    shutil.copytree(replayed, folder)
    return shop_in(folder, bakery_courier)


def explained(shop: Shop) -> tuple[object, ...]:
    """Return what a reader sees: value, position, and how many events are behind it."""
    window = shop.settings.calendar.window("2026")
    turnover = shop.registry.kpi("turnover")
    found = shop.reader().explain(turnover, "organisation", window, "organisation")
    return found.value.numerator, found.value.log_position, len(found.evidence)


def all_threads_of(process: subprocess.Popen[str]) -> Iterator[int]:
    """Yield the process and its children: the courier is killed with it, or lives on a moment."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    yield from (int(child) for child in children.read_text().split())
    yield process.pid


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux to find children")
@pytest.mark.parametrize("full", [False, True], ids=["catching up", "rebuilding"])
@pytest.mark.parametrize("with_courier", [False, True], ids=["alone", "with its courier"])
def test_a_killed_replay_leaves_the_last_one_standing(
    crowded: Shop, tmp_path: Path, *, full: bool, with_courier: bool
) -> None:
    """Killed at any moment, readers see old or new and nothing else; the next replay completes."""
    rng = random.Random(f"{full} {with_courier}")
    known = BASE + 100
    length = 1.5
    for attempt in range(6):
        crowded.append(*orders(f"attempt{attempt} ", 0, 50))
        process = start("replay", crowded.workspace.root, *(["full"] if full else []))
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        began = time.monotonic()
        try:
            process.wait(timeout=rng.uniform(0, length))
            length = time.monotonic() - began
        except subprocess.TimeoutExpired:
            for pid in list(all_threads_of(process)) if with_courier else [process.pid]:
                os.kill(pid, signal.SIGKILL)
        process.communicate()
        after = BASE + 100 + 50 * (attempt + 1)
        numerator, position, evidence = explained(crowded)
        assert numerator == position == evidence
        assert position in {known, after}
        known = int(str(position))
    rows = crowded.rows()
    assert crowded.replay().position == BASE + 400
    assert explained(crowded) == (BASE + 400,) * 3
    caught_up = crowded.rows()
    assert caught_up != rows or known == BASE + 400
    crowded.replay(full=True)
    assert crowded.rows() == caught_up


@pytest.mark.parametrize("moment", ["before", "after"])
def test_death_around_the_hand_over_loses_nothing(
    crowded: Shop, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A state that is complete but was never handed over doesn't hide what is new in it."""

    class DeathError(BaseException):
        pass

    def die(*_: object) -> None:
        raise DeathError

    crowded.append(*orders("late", 0, 30))
    with monkeypatch.context() as patched:
        patched.setattr(state, "unfinished", lambda *_: contextlib.nullcontext())
        if moment == "before":
            patched.setattr(state, "sign", die)
        else:
            patched.setattr("kamengine.courier.client.Writer.step", dying(die))
        with pytest.raises(DeathError):
            crowded.replay()
    crowded.courier.close()
    assert explained(crowded) == (BASE + 100,) * 3
    crowded.replay()
    assert explained(crowded) == (BASE + 130,) * 3
    rows = crowded.rows()
    crowded.replay(full=True)
    assert crowded.rows() == rows


def dying(die: object) -> object:
    """Return a step that dies where it would commit, the state being signed and closed."""
    from kamengine.courier.client import Writer  # noqa: PLC0415 - before it is patched

    original = Writer.step

    def step(self: Writer, message: dict[str, str]) -> None:
        if "do" in message:
            die()  # type: ignore[operator]
        original(self, message)

    return step


def test_reading_never_waits_errs_or_mixes(crowded: Shop) -> None:
    """While replays follow each other, every answer is whole, and hardly slower than else."""
    quiet = start("read", crowded.workspace.root, 3)
    alone = json.loads(quiet.communicate()[0])
    reader = start("read", crowded.workspace.root, 8)
    end = time.monotonic() + 7.5
    replays = 0
    while time.monotonic() < end:
        crowded.append(*orders(f"r{replays} ", 0, 10))
        crowded.replay(full=replays % 4 == 3)
        replays += 1
    answer = json.loads(reader.communicate()[0])
    assert answer["complaints"] == []
    assert replays > 2
    assert answer["count"] > 10
    # two processes now share two cores with whatever else runs: slower, but nobody waits
    assert answer["median"] < 10 * alone["median"] + 0.2
    assert answer["slowest"] < 5


def test_a_second_replay_at_once_is_refused_in_one_sentence(crowded: Shop) -> None:
    """It says what is going on and what to do; the first one isn't disturbed."""
    with (
        state.replaying(crowded.workspace),
        pytest.raises(ReplayError, match="Another replay of this workspace is under way") as caught,
    ):
        crowded.replay()
    assert str(caught.value).count(". ") == 0
    assert crowded.replay().parked == {}


def test_two_append_while_a_third_replays(tmp_path: Path, bakery_courier: Courier) -> None:
    """The courier's SQLite and Python's don't hurt each other: nothing lost, the log verifies."""
    shop = shop_in(tmp_path / "shop", bakery_courier)
    shop.append(*orders("first", 0, 10))
    writers = [start("append", shop.workspace.root, name, 60, 50) for name in ("left", "right")]
    replays = 0
    while any(writer.poll() is None for writer in writers):
        shop.replay()
        assert explained(shop)[0] == explained(shop)[1]
        replays += 1
    for writer in writers:
        _, error = writer.communicate()
        assert writer.returncode == 0, error
    assert SQLiteEventLog(shop.workspace.log_path).verify().position == 10 + 2 * 60 * 50
    assert shop.replay().position == 6_010
    assert explained(shop) == (6_010,) * 3
    assert replays > 0
    rows = shop.rows()
    shop.replay(full=True)
    assert shop.rows() == rows
