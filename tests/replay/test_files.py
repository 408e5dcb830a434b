"""Derived files may be deleted or spoilt at any time; the log may not, and one is told so."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kamengine.courier.client import Courier
from kamengine.errors import KamengineError, LogError, ReplayError
from tests.bakery import FEW, Pack, Shop, event, registry_of
from tests.replay.test_catching_up import EVENTS


@pytest.fixture
def replayed(shop: Shop) -> Shop:
    shop.registry = registry_of(Pack(kpis=FEW))
    shop.deliver(*EVENTS)
    shop.deliver(event("n1", "order.placed", "2026-02-12", "acme", order="5", amount="1"))
    return shop


def states(shop: Shop) -> list[Path]:
    return sorted(shop.workspace.state_dir.glob("*.duckdb"))


def current(shop: Shop) -> Path:
    return shop.workspace.state_dir / shop.reader().head.state


def delete_values(shop: Shop) -> None:
    for path in shop.workspace.root.glob("values.db*"):
        path.unlink()


def delete_states(shop: Shop) -> None:
    shutil.rmtree(shop.workspace.state_dir)


def delete_the_current_state(shop: Shop) -> None:
    current(shop).unlink()


def delete_the_other_state(shop: Shop) -> None:
    for path in set(states(shop)) - {current(shop)}:
        path.unlink()


def cut_off_the_current_state(shop: Shop) -> None:
    with current(shop).open("r+b") as file:
        file.truncate(5000)


def cut_off_every_state(shop: Shop) -> None:
    for path in states(shop):
        path.write_bytes(b"")


def write_over_every_state(shop: Shop) -> None:
    for path in states(shop):
        path.write_bytes(b"nothing that one could read" * 1000)


def leave_a_half_made_state(shop: Shop) -> None:
    (shop.workspace.state_dir / "0000.duckdb").write_bytes(current(shop).read_bytes()[:20_000])


def empty_the_values(shop: Shop) -> None:
    delete_values(shop)
    shop.workspace.values_path.touch()


SPOILT = [
    delete_values,
    delete_states,
    delete_the_current_state,
    delete_the_other_state,
    cut_off_the_current_state,
    cut_off_every_state,
    write_over_every_state,
    leave_a_half_made_state,
    empty_the_values,
]


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__.replace("_", " "))
def test_what_is_derived_comes_back_to_the_last_digit(
    replayed: Shop, spoil: Callable[[Shop], None]
) -> None:
    """After any loss of derived files, one replay brings back values and evidence."""
    before = replayed.rows()
    spoil(replayed)
    assert replayed.replay().parked == {}
    assert replayed.rows() == before
    window = replayed.settings.calendar.window("2026")
    kpi = replayed.registry.kpi("turnover")
    explained = replayed.reader().explain(kpi, "account", window, "acme")
    assert sum(piece.numerator or 0 for piece in explained.evidence) == explained.value.numerator


@pytest.mark.parametrize("full", [False, True])
def test_spoilt_values_are_told_of_in_a_sentence(replayed: Shop, *, full: bool) -> None:
    """A file that is no database is named, with what to do about it; then all is well."""
    before = replayed.rows()
    replayed.workspace.values_path.write_bytes(b"no database at all, " * 1000)
    with pytest.raises(ReplayError, match=r"values\.db: .* delete it and run") as caught:
        replayed.replay(full=full)
    assert "\n" not in str(caught.value)
    delete_values(replayed)
    replayed.replay()
    assert replayed.rows() == before


@pytest.mark.parametrize("spoil", [delete_states, cut_off_every_state, write_over_every_state])
def test_reading_without_a_state_says_what_to_do(
    replayed: Shop, spoil: Callable[[Shop], None]
) -> None:
    """Values that are kept can still be read; evidence can't, in one sentence with a hint."""
    spoil(replayed)
    kpi, calendar = replayed.registry.kpi("turnover"), replayed.settings.calendar
    reader = replayed.reader()
    assert reader.value(kpi, "account", calendar.window("2026"), "acme").value == 31.5
    with pytest.raises(ReplayError, match=r"can't be opened .*kamengine replay --full") as caught:
        reader.explain(kpi, "account", calendar.window("2026"), "acme")
    assert "\n" not in str(caught.value)


def test_before_any_replay_one_is_told_to_replay(shop: Shop) -> None:
    """There is nothing to read yet, and that is no accident."""
    with pytest.raises(ReplayError, match="Nothing was replayed yet"):
        shop.reader()


@pytest.mark.parametrize("touch", [False, True], ids=["no file", "an empty file"])
def test_a_log_that_nothing_came_into_is_an_empty_one(shop: Shop, *, touch: bool) -> None:
    """A workspace may be replayed before its first event."""
    if touch:
        shop.workspace.log_path.touch()
    result = shop.replay()
    assert (result.events, result.position, result.parked) == (0, 0, {})
    assert shop.rows() == []


@pytest.mark.parametrize("full", [False, True])
def test_a_log_that_is_gone_is_missed(replayed: Shop, *, full: bool) -> None:
    """Values that rest on events which are no longer there aren't passed off as current."""
    before = replayed.rows()
    for path in replayed.workspace.root.glob("events.db*"):
        path.unlink()
    if full:  # asked for outright
        replayed.replay(full=True)
        assert replayed.rows() == []
        return
    with pytest.raises(ReplayError, match=r"ends at position 0, and the values rest on 10 events"):
        replayed.replay()
    assert replayed.rows() == before


@pytest.mark.parametrize("content", [b"no database " * 1000, "half"], ids=["other", "cut off"])
def test_a_damaged_log_is_told_of_and_old_values_stand(
    replayed: Shop, content: bytes | str
) -> None:
    """One sentence that names the log; what was replayed can be read on."""
    before = replayed.rows()
    log = replayed.workspace.log_path
    log.write_bytes(log.read_bytes()[:6000] if isinstance(content, str) else content)
    with pytest.raises((LogError, ReplayError)) as caught:
        replayed.replay(full=True)
    assert "events.db" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert replayed.rows() == before
    window = replayed.settings.calendar.window("2026")
    kpi = replayed.registry.kpi("turnover")
    assert replayed.reader().explain(kpi, "account", window, "acme").value.value == 31.5


def test_reading_that_broke_off_does_not_spoil_the_next_one(replayed: Shop) -> None:
    """Rows that nobody fetched aren't taken for the answer to the next question."""
    next(replayed.courier.events(replayed.workspace.log_path))
    assert sum(b.num_rows for b in replayed.courier.events(replayed.workspace.log_path)) == 10
    replayed.replay(full=True)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(command, check=False).returncode:
        pytest.skip("a file system can only be mounted by root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("full", [False, True])
def test_a_full_disk_leaves_the_old_state_standing(
    shop: Shop, tiny_disk: Path, *, full: bool
) -> None:
    """One sentence, the values as before, no rubbish; with room again, the replay completes."""
    shop = Shop(tiny_disk / "shop", shop.courier, registry_of(Pack(kpis=FEW)))
    shop.deliver(*EVENTS)
    before = shop.rows()
    used = set(states(shop))
    ballast = tiny_disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(tiny_disk).free - 600_000))
    shop.append(event("n1", "order.placed", "2026-02-12", "acme", order="5", amount="1"))
    with pytest.raises(KamengineError, match="No space left") as caught:
        shop.replay(full=full)
    assert "\n" not in str(caught.value)
    assert shop.rows() == before
    assert set(states(shop)) <= used
    window = shop.settings.calendar.window("2026")
    turnover = shop.registry.kpi("turnover")
    assert shop.reader().explain(turnover, "account", window, "acme").value.value == 30.5
    ballast.unlink()
    shop.replay(full=full)
    assert shop.reader().explain(turnover, "account", window, "acme").value.value == 31.5


def test_another_kamengine_in_the_folder_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The courier runs this one's code, whatever lies where it is started."""
    folder = tmp_path / "elsewhere"
    (folder / "kamengine").mkdir(parents=True)
    (folder / "kamengine" / "__init__.py").write_text("raise RuntimeError('another one')")
    monkeypatch.chdir(folder)
    with Courier() as courier:
        shop = Shop(tmp_path / "shop", courier)
        shop.registry = registry_of(Pack(kpis=FEW))
        assert shop.deliver(*EVENTS).position == len(EVENTS)


def test_what_does_not_fit_into_memory_is_written_beside_the_state(replayed: Shop) -> None:
    """Not into the folder that somebody asks from."""
    with replayed.reader().session() as session:
        folder = session.value("SELECT current_setting('temp_directory')")
    assert Path(str(folder)) == replayed.workspace.state_dir / "spill"
