"""Any path, one answer: whatever the order and the batches, catching up equals rebuilding."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kamengine.courier.client import Courier
from kamengine.event import EventData, EventType, Upcast
from kamengine.log.contract import NewEvent
from kamengine.periods import Calendar
from kamengine.settings import Settings
from tests.bakery import (
    EVENT_TYPES,
    KPIS,
    PROJECTIONS,
    Pack,
    Shop,
    edited,
    edited_projection,
    event,
    rebuilt,
    registry_of,
)

ACCOUNTS = ("acme", "bolt", "cube")
SELLERS = ("kim", "lee")
BREADS = ("rye", "bun")
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

OPERANDS = {"turnover", "breads_bought"}
"""What the formulas read; drawn with them."""

selections = st.sets(st.sampled_from([k.id for k in KPIS]), min_size=2, max_size=6).map(
    lambda ids: ids | (OPERANDS if ids & {"per_bread", "share_of_all"} else set())
)
"""A few KPIs an example: each costs every replay some 30 ms."""

EDGE = START + dt.timedelta(days=59)
"""The first of March, where a month ends and another begins."""

moments = st.one_of(
    st.sampled_from([0, 10, 20, 30, 31, 45, 59, 60, 89, 90]).map(
        lambda day: START + dt.timedelta(days=day)
    ),
    st.integers(0, 120).map(lambda day: START + dt.timedelta(days=day)),
    st.sampled_from([-1, 0, 1]).map(lambda us: EDGE + dt.timedelta(microseconds=us)),
)
"""Few enough that several events often happen at once."""

accounts = st.sampled_from(ACCOUNTS)
sellers = st.sampled_from(SELLERS)
breads = st.sampled_from(BREADS)
amounts = st.integers(1, 9_999).map(lambda cents: f"{cents // 100}.{cents % 100:02d}")
orders = st.sampled_from([str(n) for n in range(3)])


def happening(
    type_name: str,
    account: st.SearchStrategy[str | None],
    manager: st.SearchStrategy[str | None],
    **data: st.SearchStrategy[object],
) -> st.SearchStrategy[Callable[[str], NewEvent]]:
    """Draw all of an event but its id."""
    return st.builds(
        lambda occurred, account, manager, data: (
            lambda event_id: event(event_id, type_name, occurred, account, manager, **data)
        ),
        moments,
        account,
        manager,
        st.fixed_dictionaries(data),
    )


maybe_account, maybe_seller = st.none() | accounts, st.none() | sellers
happenings = st.one_of(
    happening(
        "order.placed",
        maybe_account,
        maybe_seller,
        order=orders,
        amount=amounts,
        paid=amounts,
        bread=st.none() | breads,
    ),
    happening("order.placed", accounts, st.none(), order=orders, amount=amounts, bread=breads),
    happening("order.paid", st.none(), st.none(), order=orders, amount=amounts),
    happening("order.paid", maybe_account, st.none(), order=orders, amount=amounts),
    happening("bread.rated", accounts, st.none(), bread=breads, score=st.none() | amounts),
    happening("bread.rated", accounts, st.none(), bread=st.just("rye"), score=amounts),
    happening("price.set", st.none(), st.none(), bread=breads, price=amounts),
    happening("customer.changed", accounts, st.none(), segment=st.sampled_from(["big", "small"])),
    happening("customer.assigned", accounts, sellers),
    happening("seller.joined", st.none(), sellers, shop=st.sampled_from(["north", "south"])),
    happening("customer.merged", accounts, st.none(), into=accounts),
)
histories = st.lists(happenings, min_size=10, max_size=24).map(
    lambda makers: [make(f"e{number:02d}") for number, make in enumerate(makers)]
)


class RatedBetter(EventData, frozen=True):
    """Ratings with a word, and scores of ten times as much."""

    bread: str
    score: int | None = None
    word: str = "none"


RATED = next(t for t in EVENT_TYPES if t.name == "bread.rated")
BETTER = EventType(
    name="bread.rated",
    data=RatedBetter,
    doc="A rating.",
    version=2,
    upcasts=(Upcast(version=1, data=RATED.data, columns={"score": "CAST(score * 10 AS BIGINT)"}),),
)
CHANGES: dict[str, dict[str, Any]] = {
    "as it was": {},
    "a KPI edited": {"kpis": edited("turnover", sql=KPIS[0].sql + " AND amount > 20")},
    "a KPI broken": {"kpis": edited("turnover", sql="SELECT 1 AS one")},
    "KPIs gone": {"kpis": KPIS[2:]},
    "a projection edited": {
        "projections": edited_projection("orders", PROJECTIONS[3].sql.replace("= 1", "<= 2"))
    },
    "a projection broken": {
        "projections": edited_projection("orders", "SELECT nope FROM price_set")
    },
    "an event type changed": {
        "event_types": [BETTER if t.name == "bread.rated" else t for t in EVENT_TYPES]
    },
    "an event type gone": {"event_types": [t for t in EVENT_TYPES if t.name != "customer.merged"]},
    "ownership gone": {"projections": PROJECTIONS[1:]},
    "nothing left": {"event_types": EVENT_TYPES[:1], "projections": (), "kpis": ()},
}


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="bakery-"))
    yield path
    shutil.rmtree(path)


def shop_of(folder: Path, courier: Courier, selection: set[str]) -> Shop:
    """Return a shop in a folder of its own that measures only so much."""
    path = Path(tempfile.mkdtemp(dir=folder))
    registry = registry_of(changed("as it was", selection))
    return Shop(path, courier, registry, Settings(as_of="2026-04-15"))


def changed(change: str, selection: set[str]) -> Pack:
    """Return the bakery's pack after a change, with only some of its KPIs."""
    parts = {"kpis": KPIS, **CHANGES[change]}
    kpis = [kpi for kpi in parts.pop("kpis") if kpi.id in selection]
    return Pack(kpis=kpis, **parts)


def check(shop: Shop, history: list[NewEvent], folder: Path, as_of: str | None = None) -> None:
    """Compare every column of every value with a full rebuild of the log in order."""
    other = rebuilt(shop, history, Path(tempfile.mkdtemp(dir=folder)), as_of)
    expected, found = other.rows(), shop.rows()
    assert [r for r in found if r not in set(expected)] == []
    assert found == expected


PROPERTY = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@PROPERTY
@given(data=st.data(), history=histories, selection=selections)
def test_any_order_and_any_batches_give_the_values_of_a_rebuild(
    data: st.DataObject,
    history: list[NewEvent],
    selection: set[str],
    folder: Path,
    bakery_courier: Courier,
) -> None:
    """Delivered in any order, cut anywhere, some twice, with a replay after each batch."""
    shop = shop_of(folder, bakery_courier, selection)
    delivered = data.draw(st.permutations(history))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(delivered)), min_size=1, max_size=4)))
    again = data.draw(st.lists(st.sampled_from(delivered), max_size=2))
    for start, end in zip([0, *cuts], [*cuts, len(delivered)], strict=True):
        assert shop.deliver(*delivered[start:end], *again[: start and 2]).parked == {}
    check(shop, history, folder)


@PROPERTY
@given(data=st.data(), history=histories, selection=selections)
def test_as_of_may_wander_between_replays(
    data: st.DataObject,
    history: list[NewEvent],
    selection: set[str],
    folder: Path,
    bakery_courier: Courier,
) -> None:
    """Windows open, close and open again; what is kept is that of the last as-of."""
    shop = shop_of(folder, bakery_courier, selection)
    days = data.draw(
        st.lists(
            st.sampled_from(["2025-12-31", "2026-01-31", "2026-02-01", "2026-03-15", "2027-01-01"]),
            min_size=2,
            max_size=4,
        )
    )
    size = -(-len(history) // len(days))
    for number, day in enumerate(days):
        shop.append(*history[number * size : (number + 1) * size])
        shop.replay(as_of=day)
    check(shop, history, folder, as_of=days[-1])


@PROPERTY
@given(data=st.data(), history=histories, selection=selections)
def test_definitions_may_change_between_replays(
    data: st.DataObject,
    history: list[NewEvent],
    selection: set[str],
    folder: Path,
    bakery_courier: Courier,
) -> None:
    """KPIs, projections and event types edited, broken, taken away and brought back."""
    selection |= {"turnover"}
    shop = shop_of(folder, bakery_courier, selection)
    names = data.draw(st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=3))
    cuts = data.draw(st.lists(st.integers(1, len(history)), min_size=len(names)).map(sorted))
    shop.deliver(*history[: cuts[0]])
    for change, start, end in zip(names, cuts, [*cuts[1:], len(history)], strict=False):
        shop.registry = registry_of(changed(change, selection))
        shop.deliver(*history[start:end])
    shop.append(*history)
    if data.draw(st.booleans()):
        shop.replay()
        check(shop, history, folder)
    shop.registry = registry_of(changed("as it was", selection))
    assert shop.replay().parked == {}
    check(shop, history, folder)


@settings(PROPERTY, max_examples=12)
@given(
    history=histories,
    selection=selections,
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
)
def test_the_organisation_s_clock_may_be_set_otherwise(
    history: list[NewEvent],
    selection: set[str],
    zone: str,
    folder: Path,
    bakery_courier: Courier,
) -> None:
    """Another time zone and fiscal year move every window, and back."""
    shop = shop_of(folder, bakery_courier, selection)
    usual = shop.settings
    half = len(history) // 2
    shop.deliver(*history[:half])
    calendar = Calendar(time_zone=ZoneInfo(zone), fiscal_start=4)
    shop.settings = msgspec.structs.replace(usual, calendar=calendar)
    shop.deliver(*history[half:])
    check(shop, history, folder)
    shop.settings = usual
    shop.replay()
    check(shop, history, folder)
