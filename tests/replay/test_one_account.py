"""One account made anew from the log: whatever was wrong with it is right again, and no more."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamengine.courier.client import Courier
from kamengine.engine.session import Session
from kamengine.errors import ReplayError, UnknownNameError
from kamengine.log.contract import NewEvent
from tests.bakery import Shop, event
from tests.replay.test_any_path import (
    ACCOUNTS,
    PROPERTY,
    check,
    folder,
    histories,
    selections,
    shop_of,
)
from tests.replay.test_catching_up import EVENTS, merge

__all__ = ["folder"]


@pytest.fixture
def replayed(shop: Shop) -> Shop:
    """A shop with both its state files up to date."""
    shop.deliver(*EVENTS)
    shop.replay()
    return shop


def tamper(shop: Shop, *statements: str) -> None:
    """Spoil every state file behind the engine's back."""
    for path in shop.workspace.state_dir.glob("*.duckdb"):
        with Session(path, shop.settings.calendar) as session:
            for statement in statements:
                session.run(statement)
            session.checkpoint()


def spoil_values(shop: Shop, statement: str) -> None:
    connection = sqlite3.connect(shop.workspace.values_path)
    connection.execute(statement)
    connection.commit()
    connection.close()


SPOILT = {
    "a fact lost": "DELETE FROM state.facts.order_placed WHERE id = 'o2'",
    "facts doubled": "INSERT INTO state.facts.order_placed"
    " SELECT * FROM state.facts.order_placed WHERE account_id = 'acme'",
    "a fact changed": "UPDATE state.facts.order_placed SET amount = 1000 WHERE id = 'o1'",
    "a fact of another type": "UPDATE state.facts.bread_rated SET score = 1",
    "a projection changed": "UPDATE state.projections.orders SET paid = 3"
    " WHERE account_id = 'acme'",
    "evidence lost": "DELETE FROM state.evidence.turnover WHERE account_id = 'acme'",
}


@pytest.mark.parametrize("statement", SPOILT.values(), ids=SPOILT)
def test_an_account_that_was_spoilt_is_right_again(replayed: Shop, statement: str) -> None:
    """Its facts, projections and evidence come from the log, and values are those of a rebuild."""
    before = replayed.rows()
    tamper(replayed, statement)
    done = replayed.replay(account="acme")
    assert (done.accounts, done.events, done.parked) == (("acme",), 0, {})
    assert replayed.rows() == before
    window = replayed.settings.calendar.window("2026")
    turnover = replayed.registry.kpi("turnover")
    explained = replayed.reader().explain(turnover, "account", window, "acme")
    assert [c.numerator for c in explained.evidence] == [10.5, 20]


def test_values_that_were_computed_of_what_was_spoilt_are_right_again(replayed: Shop) -> None:
    """An order of ten times its amount went into values; made anew, they are as they were."""
    before = replayed.rows()
    orders, evidence = "state.projections.orders", "state.evidence.turnover"
    tamper(
        replayed,
        "UPDATE state.facts.order_placed SET amount = 105 WHERE id = 'o1'",
        f"UPDATE {orders} SET amount = 105 WHERE \"order\" = '1'",
        f"UPDATE {evidence} SET numerator = 105 WHERE numerator = 10.5",
    )
    spoil_values(
        replayed,
        "UPDATE points SET numerator = '125', value = 125.0"
        " WHERE series IN (SELECT series FROM series WHERE kpi = 'turnover')"
        " AND subject = 'acme' AND numerator = '30.5'",
    )
    assert replayed.value("turnover", "2026", "acme", "account")[0] == "125"
    replayed.replay(account="acme")
    assert replayed.value("turnover", "2026", "acme", "account")[0] == "30.5"
    assert replayed.rows() == before


def test_everything_else_is_left_as_it_is(replayed: Shop) -> None:
    """What is wrong with another account stays wrong."""
    spoil_values(replayed, "UPDATE points SET numerator = '0' WHERE subject = 'bolt'")
    before = replayed.rows()
    replayed.replay(account="acme")
    assert replayed.rows() == before


@pytest.mark.parametrize("asked", ["acme", "bolt", "cube"])
def test_accounts_that_were_merged_are_made_anew_together(
    shop: Shop, tmp_path: Path, asked: str
) -> None:
    """Whichever of them is asked for, since their facts stand under the last."""
    shop.deliver(*EVENTS)
    shop.deliver(merge("m1", 1, "acme", "bolt"))
    shop.deliver(merge("m2", 2, "bolt", "cube"))
    before = shop.rows()
    tamper(shop, "UPDATE state.facts.order_placed SET amount = 1000 WHERE account_id = 'cube'")
    assert shop.replay(account=asked).accounts == ("acme", "bolt", "cube")
    assert shop.rows() == before
    shop.replay(full=True)
    assert shop.rows() == before


def test_what_is_new_comes_in_as_with_every_replay(replayed: Shop) -> None:
    """Values rest on one position of the log, whoever is made anew."""
    replayed.append(
        event("n1", "order.placed", "2026-02-12", "acme", order="5", amount="1"),
        event("n2", "order.placed", "2026-02-12", "bolt", order="6", amount="2"),
    )
    assert replayed.replay(account="acme").events == 2
    rows = replayed.rows()
    replayed.replay(full=True)
    assert replayed.rows() == rows


def test_an_account_that_nobody_knows_is_named_with_the_nearest(replayed: Shop) -> None:
    """One sentence, and nothing changes."""
    before = replayed.rows()
    with pytest.raises(UnknownNameError, match="'acne'; did you mean 'acme'"):
        replayed.replay(account="acne")
    assert replayed.rows() == before
    assert replayed.replay().recomputed == ()


def test_before_the_first_replay_one_is_told_to_replay(shop: Shop) -> None:
    """One account alone has no values: others' are beside it."""
    shop.append(*EVENTS)
    with pytest.raises(ReplayError, match="run `kamengine replay` first"):
        shop.replay(account="acme")


@PROPERTY
@given(data=st.data(), history=histories, selection=selections)
def test_making_accounts_anew_changes_no_answer(
    data: st.DataObject,
    history: list[NewEvent],
    selection: set[str],
    folder: Path,
    bakery_courier: Courier,
) -> None:
    """Amid any history, whichever account it is."""
    shop = shop_of(folder, bakery_courier, selection)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(history)), min_size=1, max_size=3)))
    for start, end in zip([0, *cuts], [*cuts, len(history)], strict=True):
        shop.deliver(*history[start:end])
        account = data.draw(st.sampled_from(ACCOUNTS))
        if any(account == e[3] for e in history[:end]):
            assert account in shop.replay(account=account).accounts
    check(shop, history, folder)
