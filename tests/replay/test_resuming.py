"""A replay that breaks off is gone on with: nothing is done twice, whatever changed in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamengine.errors import ReplayError
from kamengine.log.contract import NewEvent
from kamengine.replay import facts
from kamengine.replay.replay import Replayer
from kamengine.replay.staleness import StoppedError
from kamengine.replay.steps import Step
from tests.bakery import FEW, NOW, TURNOVER, Pack, Shop, edited, event, registry_of
from tests.replay.crash import SlicingCourier, orders
from tests.replay.test_any_path import (
    CHANGES,
    PROPERTY,
    changed,
    check,
    folder,
    histories,
    selections,
    shop_of,
)

__all__ = ["folder"]

STRICTER = TURNOVER.sql + " AND amount > 15"


class BrokenOffError(BaseException):
    """As a process that is killed, but for the tests' own."""


def breaking_off(after: int, step: Step | None = None) -> Callable[[Step], None]:
    """Return what breaks a replay off when a step, or any, has come so many times."""
    left = [after]

    def count(reached: Step) -> None:
        if step in {None, reached}:
            left[0] -= 1
            if left[0] <= 0:
                raise BrokenOffError

    return count


def broken_off(
    shop: Shop,
    after: int,
    step: Step | None = None,
    *,
    full: bool = False,
    as_of: str | None = None,
) -> bool:
    """Replay, saving after each step, until it breaks off; tell whether it came to that."""
    replayer = Replayer(
        shop.workspace,
        shop.registry,
        shop.settings,
        shop.courier,
        on_step=breaking_off(after, step),
        save_every=0,
    )
    try:
        replayer.replay(NOW, full=full, as_of=as_of)
    except BrokenOffError:
        shop.courier.close()
        return True
    except StoppedError:
        return True
    return False


@pytest.fixture
def slicing() -> Iterator[SlicingCourier]:
    """A courier that brings 100 events at a time."""
    usual = facts.CHUNK_ROWS
    with SlicingCourier(100) as courier:
        yield courier
    facts.CHUNK_ROWS = usual


@pytest.fixture
def sliced(tmp_path: Path, slicing: SlicingCourier) -> Shop:
    """A shop of a thousand orders that come in ten chunks."""
    shop = Shop(tmp_path / "sliced", slicing, registry_of(Pack(kpis=FEW)))
    shop.append(*orders("o", 0, 1_000))
    return shop


def carried(shop: Shop) -> int:
    """Return how many events the courier has carried since it was asked last."""
    assert isinstance(shop.courier, SlicingCourier)
    count, shop.courier.carried = shop.courier.carried, 0
    return count


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("chunks", [1, 3, 10])
def test_events_that_were_decoded_are_not_read_again(
    sliced: Shop, chunks: int, *, full: bool
) -> None:
    """Broken off behind some chunks, the next replay reads the rest, and the values are right."""
    assert broken_off(sliced, chunks, Step.SAVED, full=full)
    carried(sliced)
    done = sliced.replay(full=full)
    assert carried(sliced) == 1_000 - 100 * chunks
    assert (done.events, done.position) == (1_000 - 100 * chunks, 1_000)
    assert sliced.value("turnover", "2026")[0] == "1000"


def test_a_catch_up_goes_on_too(sliced: Shop) -> None:
    """Broken off amid many new events, the next replay reads those that are left."""
    sliced.replay()
    sliced.append(*orders("n", 0, 500))
    assert broken_off(sliced, 2, Step.SAVED)
    carried(sliced)
    assert sliced.replay().events == 300
    assert carried(sliced) == 300
    assert sliced.value("turnover", "2026")[0] == "1500"


def test_what_was_derived_is_not_derived_again(sliced: Shop) -> None:
    """Broken off when all evidence was there, only values are left to be computed."""
    sliced.append(event("late", "order.placed", "2026-05-05", "acme", order="x", amount="7"))
    assert broken_off(sliced, 1, Step.VALUES)
    derived: list[str] = []
    replayer = Replayer(
        sliced.workspace,
        sliced.registry,
        sliced.settings,
        sliced.courier,
        on_step=lambda step: derived.append(step.name),
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("kamengine.replay.upkeep.evidence.gathering", None)  # not called
        assert replayer.replay(NOW).parked == {}
    assert derived.count("CHUNK") == 0
    assert sliced.value("turnover", "2026")[0] == "1007"


def test_a_definition_edited_in_between_is_made_anew(sliced: Shop, tmp_path: Path) -> None:
    """What was gathered by the old definition isn't taken for the new one's."""
    sliced.append(event("late", "order.placed", "2026-05-05", "acme", order="x", amount="70"))
    assert broken_off(sliced, 2, Step.EVIDENCE)
    sliced.registry = registry_of(Pack(kpis=edited("turnover", sql=STRICTER)))
    sliced.replay()
    assert sliced.value("turnover", "2026")[0] == "70"


def test_a_log_of_another_organisation_is_not_gone_on_with(sliced: Shop, tmp_path: Path) -> None:
    """The file of the replay that broke off tells which log it was: another one starts anew."""
    assert broken_off(sliced, 5, Step.SAVED)
    for path in sliced.workspace.root.glob("events.db*"):
        path.unlink()
    sliced.append(*orders("other", 0, 1_200))
    carried(sliced)
    assert sliced.replay().events == 1_200
    assert carried(sliced) == 1_200
    assert sliced.value("turnover", "2026")[0] == "1200"


@pytest.mark.parametrize("count", [1_000, 1_001])
def test_a_log_that_was_replaced_is_noticed(sliced: Shop, count: int) -> None:
    """One as long as the old, or longer, is told from it; a rebuild takes it in."""
    sliced.replay()
    before = sliced.rows()
    for path in sliced.workspace.root.glob("events.db*"):
        path.unlink()
    sliced.append(*orders("other", 0, count))
    with pytest.raises(ReplayError, match=r"position 1000.* --full") as caught:
        sliced.replay()
    assert str(caught.value).count(". ") == 0
    assert sliced.rows() == before
    assert sliced.replay(full=True).position == count
    assert sliced.value("turnover", "2026")[0] == str(count)
    assert sliced.replay().recomputed == ()


def merged(shop: Shop, name: str, day: int, account: int, into: int) -> None:
    """Tell that an account is another one."""
    told = event(
        name, "customer.merged", f"2026-06-{day:02d}", f"account {account}", into=f"account {into}"
    )
    shop.append(told)


@pytest.mark.parametrize("chunks", [1, 2, 3, 4])
def test_merges_on_both_sides_of_a_break_hold(sliced: Shop, tmp_path: Path, chunks: int) -> None:
    """Facts are put under the account that theirs became, whenever that was told."""
    merged(sliced, "m1", 1, 1, 2)
    sliced.replay()
    sliced.append(*orders("n", 0, 150))
    merged(sliced, "m2", 2, 3, 4)
    sliced.append(*orders("p", 0, 150))
    merged(sliced, "m3", 3, 2, 4)
    sliced.append(*orders("q", 0, 100))
    assert broken_off(sliced, chunks, Step.CHUNK)
    assert sliced.replay().parked == {}
    rows = sliced.rows()
    sliced.replay(full=True)
    assert sliced.rows() == rows


@PROPERTY
@given(data=st.data(), history=histories, selection=selections)
def test_breaking_off_anywhere_changes_no_answer(
    data: st.DataObject,
    history: list[NewEvent],
    selection: set[str],
    folder: Path,
    slicing: SlicingCourier,
) -> None:
    """Replays that break off at any step, while definitions and days change, end as a rebuild."""
    slicing.slice_rows = facts.CHUNK_ROWS = 2
    shop = shop_of(folder, slicing, selection)
    size = max(1, len(history) // 4)
    days = ["2026-02-01", "2026-04-15", "2027-01-01"]
    for start in range(0, len(history), size):
        shop.append(*history[start : start + size])
        change = data.draw(st.sampled_from(["as it was", *sorted(CHANGES)]))
        shop.registry = registry_of(changed(change, selection))
        broken_off(
            shop,
            data.draw(st.integers(1, 30)),
            full=data.draw(st.booleans()),
            as_of=data.draw(st.sampled_from(days)),
        )
    shop.registry = registry_of(changed("as it was", selection))
    if data.draw(st.booleans()):
        shop.replay(as_of=data.draw(st.sampled_from(days)))
    assert shop.replay().parked == {}
    check(shop, history, folder)
