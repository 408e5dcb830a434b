"""Corrections and retractions: what they change, and that it is the same by any path."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamengine.courier.client import Courier
from kamengine.log.contract import NewEvent
from kamengine.settings import Settings
from tests.amending import AMENDING, Move, amendment, effective, interspersed, moves, said
from tests.bakery import EVENT_TYPES, FEW, Pack, Shop, event, registry_of, rows_of
from tests.replay.test_any_path import (
    BETTER,
    CHANGES,
    PROPERTY,
    changed,
    check,
    histories,
    selections,
    shop_of,
)


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="amended-"))
    yield path
    shutil.rmtree(path)


def corrected(event_id: str, target: NewEvent, **data: object) -> NewEvent:
    return amendment(event_id, "event.corrected", target, data=data)


def retracted(event_id: str, target: NewEvent) -> NewEvent:
    return amendment(event_id, "event.retracted", target)


RYE = event("o1", "order.placed", "2026-05-10", "acme", "kim", order="1", amount="10.00")
BUN = event("o2", "order.placed", "2026-05-11", "acme", "kim", order="2", amount="5.00")
EVERY_KIND = [
    Move(0, 0, "retract", 0),
    Move(2, 0, "retract an amendment", 0),
    Move(2, 0, "retract", 0),
    Move(2, 2, "correct", 0),
    Move(2, 3, "retract an amendment", 0),
    Move(2, 2, "correct", 1),
]
OLD = event("o3", "order.placed", "2026-02-01", "bolt", "lee", order="3", amount="7.00")


def settle(shop: Shop, *events: NewEvent) -> None:
    """Let both state files know of events: the one that readers are shown, and the other."""
    shop.deliver(*events)
    shop.replay()


def turnover(shop: Shop, period: str = "2026-05", subject: str = "acme") -> str | None:
    found = shop.value("turnover", period, subject, by="account")
    return str(found[0]) if found else None


class TestWorkedByHand:
    @pytest.fixture
    def shop(self, tmp_path: Path, bakery_courier: Courier) -> Shop:
        """acme ordered for 10 and 5 in May, bolt for 7 in February."""
        shop = Shop(tmp_path / "shop", bakery_courier, registry_of(Pack(kpis=FEW)))
        shop.deliver(RYE, BUN, OLD)
        assert turnover(shop) == "15"
        return shop

    def test_a_correction_takes_the_place_of_the_payload(self, shop: Shop) -> None:
        """10 becomes 12: 12 + 5 = 17, and nobody else's value is computed anew."""
        shop.deliver(corrected("c1", RYE, order="1", amount="12.00"))
        assert (turnover(shop), turnover(shop, "2026-02", "bolt")) == ("17", "7")

    def test_a_field_that_a_correction_leaves_out_is_absent(self, shop: Shop) -> None:
        """It replaces the payload whole: the bread that was known is known no more."""
        placed = event("o4", "order.placed", "2026-05-12", "acme", order="4", amount=1, bread="rye")
        shop.deliver(placed, corrected("c1", placed, order="4", amount=1))
        with shop.reader().asking() as session:
            assert session.rows("SELECT bread FROM order_placed WHERE id = 'o4'") == [(None,)]

    def test_the_last_correction_holds(self, shop: Shop) -> None:
        """By position in the log, whatever time they state."""
        first, second = (
            corrected("c1", RYE, order="1", amount="12.00"),
            corrected("c2", RYE, order="1", amount="1.00"),
        )
        shop.deliver(first, second)
        assert turnover(shop) == "6"
        shop.deliver(retracted("r1", second))
        assert turnover(shop) == "17"
        shop.deliver(retracted("r2", first))
        assert turnover(shop) == "15"

    def test_a_retracted_event_has_no_row(self, shop: Shop) -> None:
        """15 - 10 = 5; and with the retraction retracted, 15 again; and so on."""
        away = retracted("r1", RYE)
        back = retracted("r2", away)
        for number, (step, expected) in enumerate(
            [(away, "5"), (back, "15"), (retracted("r3", back), "5")]
        ):
            shop.deliver(step)
            assert turnover(shop) == expected, number

    def test_a_retraction_outweighs_any_correction(self, shop: Shop) -> None:
        """Whichever comes first; the correction is there again when the retraction goes."""
        away = retracted("r1", RYE)
        shop.deliver(corrected("c1", RYE, order="1", amount="12.00"), away)
        assert turnover(shop) == "5"
        shop.deliver(corrected("c2", RYE, order="1", amount="20.00"))
        assert turnover(shop) == "5"
        shop.deliver(retracted("r2", away))
        assert turnover(shop) == "25"

    def test_a_corrected_event_keeps_its_place_and_its_envelope(self, shop: Shop) -> None:
        """Position, account, manager and times are those of the event, not of the correction."""
        envelope = "event_id, id, account_id, manager_id, occurred_at, recorded_at"
        with shop.reader().asking() as session:
            before = session.rows(f"SELECT {envelope} FROM order_placed WHERE id = 'o1'")
        shop.deliver(corrected("c1", RYE, order="1", amount="12.00"))
        with shop.reader().asking() as session:
            after = session.rows(f"SELECT {envelope}, amount FROM order_placed WHERE id = 'o1'")
        assert [row[:-1] for row in after] == before
        assert str(after[0][-1]) == "12.000000"

    def test_windows_begin_with_the_first_event_that_counts(self, shop: Shop) -> None:
        """The year of a slip of the pen goes with it, and an amendment opens no window."""
        slip = event("o9", "order.placed", "2025-05-10", "acme", "kim", order="9", amount="1.00")
        settle(shop, slip)
        assert "2025" in shop.reader().book.windows()
        away = retracted("r1", slip)
        settle(shop, away)
        assert min(shop.reader().book.windows()) == "2026"
        settle(shop, retracted("r2", away))
        assert "2025-05" in shop.reader().book.windows()

    def test_when_all_is_retracted_nothing_is_left(self, shop: Shop) -> None:
        """And the log may go on from there."""
        shop.deliver(*(retracted(f"r-{e[0]}", e) for e in (RYE, BUN, OLD)))
        assert shop.rows() == []
        again = event("o5", "order.placed", "2026-05-20", "acme", order="5", amount="3.00")
        shop.deliver(again)
        assert turnover(shop) == "3"

    def test_what_readers_are_shown_is_put_right_by_the_file_that_missed_it(
        self, shop: Shop
    ) -> None:
        """Two files take turns: one never saw the correction that the next replay undoes."""
        correction = corrected("c1", RYE, order="1", amount="12.00")
        shop.deliver(correction)
        shop.deliver(retracted("r1", correction))
        assert turnover(shop) == "15"
        shop.deliver(BUN)
        shop.deliver(retracted("r2", RYE), corrected("c2", BUN, order="2", amount="6.00"))
        shop.deliver(retracted("r3", RYE))
        assert turnover(shop) == "6"

    def test_the_past_knows_nothing_of_later_amendments(self, shop: Shop, tmp_path: Path) -> None:
        """The log up to a position gives the values of that day, whatever came behind it."""
        before = shop.rows()
        other = Shop(tmp_path / "other", shop.courier, shop.registry)
        other.append(RYE, BUN, OLD)
        assert other.replay().position == 3
        assert other.rows() == before

    def test_events_of_types_that_nobody_knows_can_be_amended(self, shop: Shop) -> None:
        """When the type is there, its facts are those amended."""
        shop.registry = registry_of(Pack(EVENT_TYPES[:4], kpis=()))
        shop.registry = registry_of(
            Pack([t for t in EVENT_TYPES if t.name != "order.placed"], (), ())
        )
        shop.deliver(corrected("c1", RYE, order="1", amount="12.00"), retracted("r1", BUN))
        shop.registry = registry_of(Pack(kpis=FEW))
        shop.replay()
        assert turnover(shop) == "12"

    def test_a_merge_that_never_was_gives_the_facts_back(self, shop: Shop) -> None:
        """bolt's 7 count for acme while the merge stands, also if it is corrected meanwhile."""
        merge = event("m1", "customer.merged", "2026-03-01", "bolt", into="acme")
        settle(shop, merge)
        assert turnover(shop, "2026-02") == "7"
        settle(shop, corrected("c1", merge, into="cube"))
        assert (turnover(shop, "2026-02"), turnover(shop, "2026-02", "cube")) == (None, "7")
        settle(shop, corrected("c2", OLD, order="3", amount="8.00"))
        assert turnover(shop, "2026-02", "cube") == "8"
        settle(shop, retracted("r1", merge))
        assert turnover(shop, "2026-02", "bolt") == "8"

    def test_only_values_of_the_account_are_computed_anew(self, shop: Shop) -> None:
        """Of the others, not a row of the book is touched."""
        first = rows_of(shop.workspace.values_path, "subject = 'bolt'")
        replayed = shop.deliver(corrected("c1", BUN, order="2", amount="6.00"))
        assert replayed.events == 1
        assert rows_of(shop.workspace.values_path, "subject = 'bolt'") == first
        assert turnover(shop) == "16"


@PROPERTY
@given(data=st.data(), history=histories, selection=selections, moves=moves)
def test_amended_step_by_step_or_never_said_otherwise_the_values_are_the_same(
    data: st.DataObject,
    history: list[NewEvent],
    selection: set[str],
    moves: list[Move],
    folder: Path,
    bakery_courier: Courier,
) -> None:
    """A replay after each batch, one of the whole log, and one of what counts in the end."""
    log = interspersed(history, moves)
    shop = shop_of(folder, bakery_courier, selection)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(log)), min_size=1, max_size=5)))
    for start, end in zip([0, *cuts], [*cuts, len(log)], strict=True):
        assert shop.deliver(*log[start:end]).parked == {}
        if data.draw(st.booleans()):
            shop.replay()
    at_once = Shop(Path(tempfile.mkdtemp(dir=folder)), bakery_courier, shop.registry, shop.settings)
    at_once.deliver(*log)
    assert shop.rows() == at_once.rows()
    check(shop, effective(log), folder)


@PROPERTY
@given(data=st.data(), history=histories, selection=selections, moves=moves)
def test_definitions_may_change_between_amendments(
    data: st.DataObject,
    history: list[NewEvent],
    selection: set[str],
    moves: list[Move],
    folder: Path,
    bakery_courier: Courier,
) -> None:
    """Types with another schema are decoded anew as amended, and the rest isn't disturbed."""
    selection |= {"turnover"}
    log = interspersed(history, moves)
    shop = shop_of(folder, bakery_courier, selection)
    names = data.draw(st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=3))
    cuts = data.draw(st.lists(st.integers(1, len(log)), min_size=len(names)).map(sorted))
    shop.deliver(*log[: cuts[0]])
    for change, start, end in zip(names, cuts, [*cuts[1:], len(log)], strict=False):
        shop.registry = registry_of(changed(change, selection))
        shop.deliver(*log[start:end])
    shop.append(*log)
    if data.draw(st.booleans()):
        shop.replay()
        check(shop, effective(log), folder)
    shop.registry = registry_of(changed("as it was", selection))
    assert shop.replay().parked == {}
    check(shop, effective(log), folder)


def test_a_correction_in_a_newer_version_is_not_carried_up_again(
    tmp_path: Path, bakery_courier: Courier
) -> None:
    """A rating of 2 becomes 20 by the upcast; corrected in version 2 to 30, it is 30."""
    types = [BETTER if t.name == "bread.rated" else t for t in EVENT_TYPES]
    shop = Shop(tmp_path / "shop", bakery_courier, registry_of(Pack(types, kpis=())), Settings())
    old = event("b1", "bread.rated", "2026-05-10", "acme", bread="rye", score=2)
    other = event("b2", "bread.rated", "2026-05-11", "acme", bread="rye", score=2)
    shop.deliver(old, other, corrected("c2", other, bread="rye", score=4))
    newer = {"bread": "rye", "score": 30, "word": "fine"}
    shop.deliver(amendment("c1", "event.corrected", old, data=newer, version=2))
    with shop.reader().asking() as session:
        rows = session.rows("SELECT id, score, word FROM bread_rated ORDER BY id")
    assert rows == [("b1", 30, "fine"), ("b2", 40, "none")]


def test_the_histories_hold_amendments_of_every_kind() -> None:
    """Corrections, retractions, retractions of both, and retractions of those."""
    log = interspersed([RYE, BUN, OLD], EVERY_KIND)
    kind = {e[0]: e[1] for e in log}
    pairs = {(e[1], kind[said(e)["target_id"]]) for e in log if e[1] in AMENDING}
    assert pairs == {
        ("event.corrected", "order.placed"),
        ("event.retracted", "order.placed"),
        ("event.retracted", "event.corrected"),
        ("event.retracted", "event.retracted"),
    }
    assert [(e[0], e[8]) for e in effective(log)] == [("o2", BUN[8]), ("o3", BUN[8])]
