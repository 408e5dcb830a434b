"""Rows that count only once their case could be told: time alone moves values."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from kamengine.courier.client import Courier
from kamengine.kpi import Formula, Operand, Ratio
from tests.bakery import Pack, Shop, assert_as_rebuilt, event, kpi, registry_of
from tests.engine.test_values import order

PAID_IN_TEN_DAYS = """
SELECT
    account_id, occurred_at, occurred_at + INTERVAL 10 DAY AS ripe_at,
    paid AS numerator, amount AS denominator, event_id
FROM orders
"""
KPIS = (
    kpi("paid_when_ripe", Ratio(), PAID_IN_TEN_DAYS),
    kpi("twice", Formula(operands={"paid": Operand(kpi="paid_when_ripe")}, numerator="2 * paid")),
)
ORDERS = [
    event("a1", "customer.assigned", "2026-01-01", "acme", "kim"),
    order(1, "2026-01-05", "acme", "10", paid="10"),
    order(2, "2026-01-25", "acme", "20", paid="5"),
    order(3, "2026-01-26", "bolt", "40", paid="40"),
    order(4, "2026-02-01", "bolt", "80", paid="0"),
]


def shop_in(folder: Path, courier: Courier) -> Shop:
    shop = Shop(folder, courier, registry_of(Pack(kpis=KPIS)))
    shop.append(*ORDERS)
    return shop


def test_a_row_counts_from_the_moment_at_which_it_is_ripe(
    tmp_path: Path, bakery_courier: Courier
) -> None:
    """As days go by without any event, values of windows long closed take in what has ripened."""
    shop = shop_in(tmp_path, bakery_courier)
    seen = {}
    # "as of" a day is the midnight that ends it: orders 2 and 3 ripen on 4 and 5 February
    for day in ("2026-02-02", "2026-02-03", "2026-02-04", "2026-02-20"):
        shop.replay(as_of=day)
        seen[day] = [
            shop.value("paid_when_ripe", "2026-01", who, by)[:3]
            for who, by in (("acme", "account"), ("bolt", "account"), ("kim", "manager"))
        ]
    assert seen == {
        "2026-02-02": [("10", "10", 1), (), ("10", "10", 1)],
        "2026-02-03": [("15", "30", 2), (), ("15", "30", 2)],
        "2026-02-04": [("15", "30", 2), ("40", "40", 1), ("15", "30", 2)],
        "2026-02-20": [("15", "30", 2), ("40", "40", 1), ("15", "30", 2)],
    }
    assert shop.value("twice", "2026-01", "bolt", "account")[3] == 2.0
    assert shop.value("paid_when_ripe", "2026-02", "bolt", "account")[:2] == ("0", "80")


def test_time_may_go_back_and_forth(tmp_path: Path, bakery_courier: Courier) -> None:
    """Whatever "as of" came before, the values are those of a rebuild as of now."""
    shop = shop_in(tmp_path / "kept", bakery_courier)
    days = ("2026-02-20", "2026-02-03", "2026-02-04", "2026-01-10", "2026-02-20", "2026-02-03")
    for number, day in enumerate(days):
        shop.replay(as_of=day)
        assert_as_rebuilt(shop, ORDERS, tmp_path / f"rebuilt-{number}", as_of=day)


def test_events_and_time_may_come_together(tmp_path: Path, bakery_courier: Courier) -> None:
    """A new order of one account doesn't hide what has ripened of another."""
    shop = shop_in(tmp_path / "kept", bakery_courier)
    shop.replay(as_of="2026-02-02")
    late = order(5, "2026-01-20", "bolt", "3", paid="1")
    shop.append(late)
    shop.replay(as_of="2026-02-03")
    assert shop.value("paid_when_ripe", "2026-01", "acme", "account")[:2] == ("15", "30")
    assert shop.value("paid_when_ripe", "2026-01", "bolt", "account")[:2] == ("1", "3")
    assert_as_rebuilt(shop, [*ORDERS, late], tmp_path / "rebuilt", as_of="2026-02-03")


def test_a_window_asked_for_later_has_what_was_ripe_at_the_last_replay(
    tmp_path: Path, bakery_courier: Courier
) -> None:
    """Kept or not, a window answers alike, and is explained by the rows that count."""
    shop = shop_in(tmp_path, bakery_courier)
    shop.replay(as_of="2026-02-03")
    reader, measured = shop.reader(), shop.registry.kpi("paid_when_ripe")
    window = shop.settings.calendar.window("trailing-1m@2026-01-31")
    found = reader.explain(measured, "organisation", window, "organisation")
    assert (found.value.numerator, found.value.denominator) == (Decimal(15), Decimal(30))
    assert [row.numerator for row in found.evidence] == [10, 5]
