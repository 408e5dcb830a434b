"""Histories in which catching up could easily give other values than rebuilding."""

from __future__ import annotations

from pathlib import Path

import pytest

from kamengine.engine.session import Session
from kamengine.kpi import Sum
from kamengine.log.contract import NewEvent
from kamengine.projection import Projection
from tests.bakery import (
    BREADS,
    CUSTOMER_MERGED,
    EVENT_TYPES,
    FEW,
    ORDERS,
    Pack,
    Shop,
    assert_as_rebuilt,
    edited_projection,
    event,
    kpi,
    registry_of,
)

EVENTS = [
    event("s1", "seller.joined", "2026-01-01", None, "kim", shop="north"),
    event("a1", "customer.assigned", "2026-01-02", "acme", "kim"),
    event("g1", "customer.changed", "2026-01-02", "acme", segment="big"),
    event("p1", "price.set", "2026-01-01", bread="rye", price="2.5"),
    event("o1", "order.placed", "2026-01-10", "acme", "kim", order="1", amount="10.5", bread="rye"),
    event("o2", "order.placed", "2026-02-10", "acme", order="2", amount="20", paid="5"),
    event("o3", "order.placed", "2026-02-11", None, "lee", order="3", amount="7"),
    event("o4", "order.placed", "2026-02-11", "bolt", "lee", order="4", amount="3", bread="rye"),
    event("r1", "bread.rated", "2026-02-11", "acme", bread="rye", score="7"),
]


def test_the_first_events_may_come_after_the_first_replay(shop: Shop, tmp_path: Path) -> None:
    """A replay of an empty log leaves a state that takes in what comes later."""
    shop.deliver()
    assert shop.rows() == []
    shop.deliver(*EVENTS)
    assert_as_rebuilt(shop, EVENTS, tmp_path / "other")


@pytest.mark.parametrize(
    "late",
    [
        event("n1", "order.placed", "2026-02-12", "acme", "kim", order="5", amount="1"),
        event("n1", "order.placed", "2026-02-12", None, "kim", order="5", amount="1", bread="rye"),
        event("n1", "order.placed", "2025-11-12", "cube", order="5", amount="1", bread="rye"),
        event("n1", "order.paid", "2026-02-12", None, order="1", amount="1"),
        event("n1", "order.paid", "2026-02-12", "bolt", order="1", amount="1"),
        event("n1", "price.set", "2026-01-05", bread="rye", price="3"),
        event("n1", "customer.assigned", "2026-02-01", "acme", "lee"),
        event("n1", "seller.joined", "2026-01-15", None, "kim", shop="south"),
        event("n1", "customer.changed", "2026-02-01", "acme", segment="small"),
        event("n1", "bread.rated", "2026-01-11", "acme", bread="rye", score="9"),
        event("n1", "bread.rated", "2026-02-11", "acme", bread="rye", score=None),
    ],
    ids=[
        "an order",
        "an order of nobody known",
        "an order long ago",
        "somebody's payment for an order",
        "another customer's payment",
        "a price",
        "another owner",
        "another shop",
        "another segment",
        "a rating of long ago",
        "a rating without a score",
    ],
)
def test_one_more_event_changes_what_a_rebuild_changes(
    shop: Shop, tmp_path: Path, late: NewEvent
) -> None:
    """Whatever comes late, and whoever it concerns, the values are those of a full rebuild."""
    shop.deliver(*EVENTS)
    shop.deliver(late)
    assert_as_rebuilt(shop, [*EVENTS, late], tmp_path / "one")


def test_a_late_event_moves_the_windows_that_are_held_against_its_own(
    shop: Shop, tmp_path: Path
) -> None:
    """An order of January makes February stale, and the year to date of every later month."""
    shop.deliver(*EVENTS)
    # February: 20 now; 10.5 before, and in the year ahead of it; 2 · 30.5 to date
    assert shop.value("growth", "2026-02", "acme", "account")[:2] == ("70.5", "21")
    late = event("n1", "order.placed", "2026-01-12", "acme", order="5", amount="1")
    shop.deliver(late)
    assert shop.value("growth", "2026-02", "acme", "account")[:2] == ("71.5", "23")
    assert shop.value("growth", "2026-04", "acme", "account")[:2] == ("63", "31.5")
    assert_as_rebuilt(shop, [*EVENTS, late], tmp_path / "other")


def test_evidence_without_accounts_is_not_doubled(shop: Shop) -> None:
    """A measure that leaves the account out counts each event once, however often one replays."""
    shop.deliver(*EVENTS)
    for number in range(3):
        name = f"n{number}"
        shop.deliver(
            event(name, "order.placed", "2026-02-12", "acme", "kim", order=name, amount="1")
        )
    # kim sold o1 in January; o2 names nobody; then three more
    assert shop.value("seller_orders", "2026", "kim", "manager")[:3] == ("4", "1", 4)


def test_a_payment_of_nobody_is_not_forgotten_when_its_customer_orders_again(shop: Shop) -> None:
    """What belongs to no account stays visible to the accounts that it concerns."""
    shop.deliver(*EVENTS, event("q1", "order.paid", "2026-02-12", order="1", amount="4"))
    shop.deliver(event("n1", "order.placed", "2026-02-12", "acme", order="5", amount="10"))
    # paid: 5 for order 2 at once, 4 for order 1 later; ordered: 10.5 + 20 + 10
    assert shop.value("paid_share", "2026", "acme", "account")[:2] == ("9", "40.5")


def test_a_query_may_call_a_step_like_what_it_reads(shop: Shop, tmp_path: Path) -> None:
    """New orders reach a KPI whose CTE has the name of the projection it reads."""
    sql = (
        "WITH orders AS (SELECT * FROM orders WHERE amount > 1)"
        " SELECT account_id, occurred_at, amount AS numerator, event_id FROM orders"
    )
    shop.registry = registry_of(Pack(kpis=[kpi("shadowed", Sum(), sql)]))
    shop.deliver(*EVENTS)
    shop.deliver(event("n1", "order.placed", "2026-02-12", "acme", order="5", amount="2"))
    assert shop.value("shadowed", "2026", "acme", "account")[0] == "32.5"


@pytest.mark.parametrize(("anchored", "kept"), [(True, 0), (False, 1)])
def test_further_events_of_a_window_are_looked_up_when_somebody_asks(
    shop: Shop, *, anchored: bool, kept: int
) -> None:
    """A replay keeps them only where no window is named; either way each is told once."""
    when = "windows.period" if anchored else "max(occurred_at) AS occurred_at"
    sql = f"""
SELECT
    account_id, {when}, sum(amount) AS numerator,
    min(event_id) AS event_id, list_sort(array_agg(event_id)) AS more_events
FROM orders {"INNER JOIN windows ON occurred_at >= t0 AND occurred_at < t1" if anchored else ""}
WHERE account_id = 'acme'
GROUP BY account_id {", windows.period" if anchored else ""}
"""
    bought = kpi("bought", Sum(), sql)
    shop.registry = registry_of(Pack(kpis=[bought]))
    shop.deliver(*EVENTS)
    reader = shop.reader()
    window = shop.settings.calendar.window("2026-Q1")
    told = reader.explain(bought, "account", window, "acme")
    assert (told.value.value, told.value.count) == (30.5, 1)
    # o1 and o2 are the fifth and the sixth event
    assert [row.positions for row in told.evidence] == [(5, 6)]
    state = reader.workspace.state_dir / reader.head.state
    with Session(state, shop.settings.calendar, read_only=True) as session:
        assert session.value("SELECT count(more_events) FROM state.evidence.bought") == kept


def test_an_event_at_the_beginning_of_1970_opens_its_windows(shop: Shop, tmp_path: Path) -> None:
    """Microsecond 0 is a moment like any other."""
    old = event("old", "order.placed", "1970-01-01", "acme", order="0", amount="1")
    shop.deliver(old)
    shop.deliver(*EVENTS)
    assert shop.value("turnover", "1970", "acme", "account")[0] == "1"
    assert_as_rebuilt(shop, [old, *EVENTS], tmp_path / "other")


def test_what_was_otherwise_for_one_replay_alone_is_as_before(shop: Shop, tmp_path: Path) -> None:
    """The file worked on never knew of it; the values did, and forget it all the same."""
    known = event("n0", "order.placed", "2026-04-10", "acme", order="8", amount="1")
    march = event("n1", "order.placed", "2026-03-10", "acme", order="9", amount="4")
    shop.deliver(*EVENTS)
    shop.deliver(known)
    shop.deliver(march)
    assert shop.value("turnover", "2026-03", "acme", "account")[0] == "4"
    # it turns out to have been placed in January
    january = event("n2", "order.placed", "2026-01-05", "acme", order="9", amount="4")
    shop.deliver(january)
    assert shop.value("turnover", "2026-03", "acme", "account") == ()
    assert shop.value("turnover", "2026-03") == ()
    assert_as_rebuilt(shop, [*EVENTS, known, march, january], tmp_path / "other")


@pytest.mark.parametrize("projection", [ORDERS, BREADS], ids=["of accounts", "of everybody"])
def test_a_definition_that_was_another_for_one_replay_alone_is_as_before(
    shop: Shop, tmp_path: Path, projection: Projection
) -> None:
    """Rows of another shape, which readers are shown, can't be compared, and needn't be."""
    # it is stated again and of no bread: all projections have the rows that they had
    new = event("n0", "order.placed", "2026-02-20", "acme", order="1", amount="1")
    as_it_was = shop.registry
    shop.deliver(*EVENTS)
    wider = f"SELECT *, 1 AS one FROM ({projection.sql})"
    shop.registry = registry_of(Pack(projections=edited_projection(projection.name, wider)))
    shop.replay()
    shop.registry = as_it_was
    assert shop.deliver(new).parked == {}
    assert_as_rebuilt(shop, [*EVENTS, new], tmp_path / "other")


def test_a_repeated_statement_changes_what_it_says_and_nothing_else(
    shop: Shop, tmp_path: Path
) -> None:
    """An order stated again leaves its projection as it was, and whatever reads only that."""
    again = event("n0", "order.placed", "2026-02-25", "acme", order="1", amount="99")
    late = event("n1", "order.placed", "2026-02-01", "acme", order="9", amount="4")
    shop.deliver(*EVENTS)
    assert "turnover" not in shop.deliver(again).recomputed
    shop.deliver(late)
    assert_as_rebuilt(shop, [*EVENTS, again, late], tmp_path / "other")


def merge(event_id: str, day: int, account: str, into: str) -> NewEvent:
    return event(event_id, "customer.merged", f"2026-03-{day:02d}", account, into=into)


@pytest.mark.parametrize(
    "merges",
    [
        [merge("m1", 1, "acme", "bolt")],
        [merge("m1", 1, "acme", "bolt"), merge("m2", 2, "bolt", "cube")],
        [merge("m1", 1, "bolt", "cube"), merge("m2", 2, "acme", "bolt")],
        [merge("m1", 1, "acme", "bolt"), merge("m2", 2, "acme", "cube")],
        [merge("m1", 2, "acme", "bolt"), merge("m2", 1, "acme", "cube")],
        [merge("m1", 1, "acme", "bolt"), merge("m2", 2, "bolt", "acme")],
        [
            merge("m1", 1, "acme", "bolt"),
            merge("m2", 2, "bolt", "cube"),
            merge("m3", 3, "cube", "acme"),
        ],
        [merge("m1", 1, "acme", "acme")],
        [merge("m1", 1, "acme", "nobody")],
    ],
    ids=[
        "one",
        "a chain",
        "a chain, the last link first",
        "thought better of",
        "thought better of, told late",
        "back and forth",
        "a circle of three",
        "into itself",
        "into one never heard of",
    ],
)
def test_merged_accounts_are_one_whichever_way_it_became_known(
    shop: Shop, tmp_path: Path, merges: list[NewEvent]
) -> None:
    """With a replay after each merge, and another, values are those of a full rebuild."""
    shop.registry = registry_of(Pack(kpis=FEW))
    shop.deliver(*EVENTS)
    later = [
        event("n1", "order.placed", "2026-03-20", "acme", "kim", order="7", amount="2"),
        event("n2", "order.placed", "2026-03-21", "bolt", "kim", order="8", amount="4"),
    ]
    for known in merges:
        shop.deliver(known)
        shop.replay()
    shop.deliver(*later)
    assert_as_rebuilt(shop, [*EVENTS, *merges, *later], tmp_path / "other")


def test_a_chain_of_merges_ends_at_its_last_account(shop: Shop) -> None:
    """What was acme's and bolt's is cube's, also what comes after the merge."""
    shop.registry = registry_of(Pack(kpis=FEW))
    shop.deliver(*EVENTS)
    shop.deliver(merge("m2", 2, "bolt", "cube"))
    shop.deliver(merge("m1", 1, "acme", "bolt"))
    shop.deliver(event("n1", "order.placed", "2026-03-20", "acme", order="7", amount="2"))
    owners = {
        row[2]: row[4]
        for row in shop.rows("kpi='turnover' AND period='2026' AND subject_type='account'")
    }
    assert owners == {"cube": "35.5"}  # 10.5 + 20 of acme, 3 of bolt, 2 after the merge


def test_merges_are_undone_while_the_pack_that_knows_them_is_missing(
    shop: Shop, tmp_path: Path
) -> None:
    """Facts rest on the events that merge accounts: without those, accounts are apart again."""
    events = [*EVENTS, merge("m1", 1, "acme", "bolt")]
    shop.registry = registry_of(Pack(kpis=FEW))
    shop.deliver(*events)
    ignorant = [t for t in EVENT_TYPES if t is not CUSTOMER_MERGED]
    shop.registry = registry_of(Pack(ignorant, kpis=FEW))
    shop.replay()
    assert_as_rebuilt(shop, events, tmp_path / "without")
    shop.registry = registry_of(Pack(kpis=FEW))
    shop.replay()
    assert_as_rebuilt(shop, events, tmp_path / "with")
