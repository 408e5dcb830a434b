"""Each way that evidence becomes a value, against numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from kamengine.courier.client import Courier
from kamengine.kpi import (
    KPI,
    Distinct,
    Formula,
    Latest,
    Mean,
    MeanOfParts,
    Operand,
    Quantile,
    Ratio,
    Sum,
)
from kamengine.log.contract import NewEvent
from tests.bakery import KPIS, ORDERED, Pack, Row, Shop, event, kpi, registry_of


def order(number: int, when: str, who: str | None, amount: str, **rest: object) -> NewEvent:
    data = {"order": str(number), "amount": amount, **rest}
    seller = data.pop("seller", None)
    return event(
        f"o{number}",
        "order.placed",
        when,
        who,
        seller if seller is None else str(seller),
        1,
        **data,
    )


HISTORY = [
    event("s1", "seller.joined", "2026-01-01", None, "kim", shop="north"),
    event("s2", "seller.joined", "2026-01-01", None, "lee", shop="south"),
    event("s3", "seller.joined", "2026-03-01", None, "kim", shop="south"),
    event("a1", "customer.assigned", "2026-01-10", "acme", "kim"),
    event("a2", "customer.assigned", "2026-02-10", "acme", "lee"),
    event("a3", "customer.assigned", "2026-01-01", "bolt", "kim"),
    event("g1", "customer.changed", "2026-01-01", "acme", segment="small"),
    event("g2", "customer.changed", "2026-02-01", "acme", segment="big"),
    order(1, "2026-01-05", "acme", "10", bread="rye", paid="10"),  # nobody's yet
    order(2, "2026-01-10", "acme", "20", bread="bun", paid="5"),  # kim's from this instant on
    order(3, "2026-02-09T23:59:59.999999", "acme", "30", bread="rye"),  # still kim's
    order(4, "2026-02-10", "acme", "40", bread="rye", paid="40"),  # lee's
    order(5, "2026-03-31T23:59:59.999999", "bolt", "50.000001"),
    order(6, "2026-04-01", "bolt", "60", bread="rye"),  # the second quarter's
    order(7, "2026-02-14", None, "7", seller="lee", bread="bun"),
    order(8, "2026-02-15", None, "8"),
    event("p1", "price.set", "2026-01-01", bread="rye", price="3"),
    event("p2", "price.set", "2026-02-10", bread="rye", price="4"),
    event("r1", "bread.rated", "2026-01-15", "acme", bread="rye", score="6"),
    event("r2", "bread.rated", "2026-02-15", "acme", bread="rye", score="9"),
    event("r3", "bread.rated", "2026-02-16", "acme", bread="bun", score="4"),
    event("r4", "bread.rated", "2026-01-20", "bolt", bread="rye", score="1"),
    event("r5", "bread.rated", "2026-03-20", "bolt", bread="bun"),
]

EXTRA = (
    kpi("median", Quantile(q=Decimal("0.5")), ORDERED.format(numerator="amount")),
    kpi("minutes", Quantile(q=Decimal("0.9"), per=60), ORDERED.format(numerator="amount")),
    kpi("picky", Sum(), ORDERED.format(numerator="amount"), min_count=3),
    kpi(
        "balance",
        Ratio(),
        "SELECT account_id, occurred_at, 1 AS numerator, amount - 20 AS denominator, event_id"
        " FROM orders WHERE account_id = 'acme'",
        denominator="what is above 20",
    ),
    kpi("unknown_amount", Sum(), ORDERED.format(numerator="CASE WHEN amount < 50 THEN amount END")),
    kpi("both", Sum(), "SELECT account_id, occurred_at, amount AS numerator,"
        " [event_id, 1] AS event_id FROM orders"),
    kpi(
        "by_bread",
        MeanOfParts(),
        "SELECT account_id, manager_id, occurred_at, amount AS numerator, bread AS part, event_id"
        " FROM orders",
    ),
    kpi(
        "paid_by_bread",
        MeanOfParts(),
        "SELECT account_id, occurred_at, paid AS numerator, CASE WHEN paid > 0 THEN amount ELSE 0"
        " END AS denominator, bread AS part, event_id FROM orders",
    ),
    *(
        kpi(
            f"varied_{word}",
            value,
            "SELECT account_id, manager_id, occurred_at, amount AS numerator, bread AS item,"
            " 'all' AS part, event_id FROM orders",
            min_items=2,
        )
        for word, value in (
            ("sum", Sum()),
            ("middle", Quantile()),
            ("parts", MeanOfParts()),
            ("last", Latest()),
        )
    ),
    kpi(
        "varied_at_ends",
        Mean(),
        "SELECT account_id, windows.period, score AS numerator, bread AS item, event_id"
        " FROM bread_rated INNER JOIN windows ON occurred_at < windows.t1"
        " WHERE score IS NOT NULL",
        min_items=2,
    ),
    kpi(
        "last_per_customer",
        Latest(),
        "SELECT account_id, occurred_at, amount AS numerator, event_id FROM orders",
    ),
    kpi("sizes", Distinct(), "SELECT account_id, occurred_at, CAST(amount > 25 AS VARCHAR) AS item,"
        " event_id FROM orders"),
    *(
        kpi(
            name,
            Distinct(),
            f"SELECT account_id, manager_id, occurred_at, {item} AS item, event_id FROM orders",
        )
        for name, item in (("breads_or_none", "bread"), ("nothings", "CAST(NULL AS VARCHAR)"))
    ),
    kpi(
        "yearly",
        Formula(
            operands={"money": Operand(kpi="turnover")}, numerator="money", denominator="years"
        ),
    ),
    kpi(
        "needs_three",
        Formula(operands={"money": Operand(kpi="picky")}, numerator="money"),
    ),
    kpi(
        "or_nothing",
        Formula(
            operands={
                "breads": Operand(kpi="breads_bought"),
                "rated": Operand(kpi="last_ratings", empty=Decimal(0)),
            },
            numerator="breads + rated",
        ),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, bakery_courier: Courier) -> Shop:
    shop = Shop(
        tmp_path_factory.mktemp("values"), bakery_courier, registry_of(Pack(kpis=KPIS + EXTRA))
    )
    assert shop.deliver(*HISTORY).parked == {}
    return shop


def q1(told: Shop, kpi_id: str, who: str = "organisation", period: str = "2026-Q1") -> Row:
    by = {
        "acme": "account",
        "bolt": "account",
        "kim": "manager",
        "lee": "manager",
        "north": "team",
        "south": "team",
        "big": "segment",
        "small": "segment",
    }.get(who, "organisation")
    return told.value(kpi_id, period, who, by)


NONE = "only 0 different of at least 2 needed"
ALIKE = "only 1 different of at least 2 needed"
NO_ROWS = "nothing to divide by: no rows"
CASES: list[tuple[str, str, Row]] = [
    # orders 1 to 5 and, of nobody known, 7 and 8
    ("turnover", "organisation", ("165.000001", "1", 7, 165.000001, "ok", None)),
    ("turnover", "acme", ("100", "1", 4, 100.0, "ok", None)),
    ("turnover", "bolt", ("50.000001", "1", 1, 50.000001, "ok", None)),
    # kim: orders 2, 3 and bolt's 5; lee: order 4, and 7 which names her
    ("turnover", "kim", ("100.000001", "1", 3, 100.000001, "ok", None)),
    ("turnover", "lee", ("47", "1", 2, 47.0, "ok", None)),
    # north: kim's until March; south: lee's, and kim's order 5 of the last of March
    ("turnover", "north", ("50", "1", 2, 50.0, "ok", None)),
    ("turnover", "south", ("97.000001", "1", 3, 97.000001, "ok", None)),
    # small until February, big from then on; bolt has no segment
    ("turnover", "small", ("30", "1", 2, 30.0, "ok", None)),
    ("turnover", "big", ("70", "1", 2, 70.0, "ok", None)),
    ("turnover_in_dozens", "acme", ("100", "12", 4, 100 / 12, "ok", None)),
    ("paid_share", "acme", ("55", "100", 4, 0.55, "ok", None)),
    ("paid_share", "kim", ("5", "100.000001", 3, 5_000_000 / 100_000_001, "ok", None)),
    (
        "paid_share",
        "bolt",
        ("0", "50.000001", 1, None, "insufficient", "only 1 of at least 2 needed"),
    ),
    ("order_mean", "acme", ("100", "40", 4, 2.5, "ok", None)),
    ("order_mean", "organisation", ("165.000001", "70", 7, 165.000001 / 70, "ok", None)),
    # 10, 20, 30, 40: 0.3 of the way along three steps is 0.9 of the first
    ("order_third", "acme", ("19", "1", 4, 19.0, "ok", None)),
    ("median", "acme", ("25", "1", 4, 25.0, "ok", None)),
    # 7, 8, 10, 20, 30, 40, 50.000001: 0.9 of six steps is 5.4: 40 + 0.4 * 10.000001
    ("minutes", "organisation", ("44", "60", 7, 44 / 60, "ok", None)),
    # acme's rye and bun, nobody's bun: two breads of acme and one of nobody
    ("breads_bought", "organisation", ("3", "1", 5, 3.0, "ok", None)),
    ("breads_bought", "acme", ("2", "1", 4, 2.0, "ok", None)),
    ("breads_bought", "kim", ("2", "1", 2, 2.0, "ok", None)),
    # the last rye and bun of acme, and bolt's rye: 9 + 4 + 1 of 30
    ("last_ratings", "organisation", ("14", "30", 3, 14 / 30, "ok", None)),
    ("last_ratings", "acme", ("13", "20", 2, 0.65, "ok", None)),
    # r1 was kim's, but it was replaced: r2 and r3 are lee's, r4 is kim's
    ("last_ratings", "kim", ("1", "10", 1, 0.1, "ok", None)),
    ("last_ratings", "lee", ("13", "20", 2, 0.65, "ok", None)),
    ("standing_ratings", "acme", ("13", "20", 2, 0.65, "ok", None)),
    ("standing_ratings", "bolt", ("1", "20", 2, None, "undefined", "no opinion")),
    ("standing_ratings", "organisation", ("14", "40", 4, None, "undefined", "no opinion")),
    # nobody had ordered before the quarter began: no row at all
    ("returning", "organisation", ()),
    # acme in all three months, bolt in March alone; all orders count, whoever's they are
    ("orders_a_month", "acme", ("4", "3", 4, 4 / 3, "ok", None)),
    ("orders_a_month", "organisation", ("7", "4", 7, 1.75, "ok", None)),
    ("seller_orders", "lee", ("1", "1", 1, 1.0, "ok", None)),
    # rye at 3 (orders 1 and 3) and at 4 (order 4); no price of bun
    ("list_value", "acme", ("10", "1", 4, None, "undefined", "no price of bun")),
    ("per_bread", "acme", ("100", "2", 4, 50.0, "ok", None)),
    ("per_bread", "bolt", ("50.000001", None, 1, None, "undefined", "breads_bought has no value")),
    ("per_bread", "organisation", ("165.000001", "3", 7, 55.000000333333336, "ok", None)),
    ("share_of_all", "acme", ("100", "165.000001", 4, 100_000_000 / 165_000_001, "ok", None)),
    ("share_of_all", "organisation", ("165.000001", "165.000001", 7, 1.0, "ok", "all of it")),
    ("picky", "bolt", ("50.000001", "1", 1, None, "insufficient", "only 1 of at least 3 needed")),
    # ten too little, nothing, ten and twenty too much
    ("balance", "acme", ("4", "20", 4, 0.2, "ok", None)),
    ("unknown_amount", "acme", ("100", "1", 4, 100.0, "ok", None)),
    ("unknown_amount", "bolt", (None, "1", 1, None, "undefined", NO_ROWS)),
    ("both", "acme", ("100", "1", 4, 100.0, "ok", None)),
    # acme: rye 10, 30 and 40, bun 20; bolt: no bread; bun 7 and no bread 8 of nobody known
    ("by_bread", "acme", ("46.666667", "2", 4, 46.666667 / 2, "ok", None)),
    ("by_bread", "bolt", ("50.000001", "1", 1, 50.000001, "ok", None)),
    # order 2 is a bun of 20, order 3 rye of 30, and bolt's order of 50.000001 none
    ("by_bread", "kim", ("100.000001", "3", 3, 100.000001 / 3, "ok", None)),
    ("by_bread", "lee", ("47", "2", 2, 23.5, "ok", None)),
    ("by_bread", "north", ("50", "2", 2, 25.0, "ok", None)),
    # south: lee's rye 40 and bun 7, kim's none 50.000001
    ("by_bread", "south", ("97.000001", "3", 3, 97.000001 / 3, "ok", None)),
    ("by_bread", "big", ("35", "1", 2, 35.0, "ok", None)),
    ("by_bread", "small", ("30", "2", 2, 15.0, "ok", None)),
    # rye 80/3, bun 27/2, none 58.000001/2: rounded to six digits each
    ("by_bread", "organisation", ("69.166668", "3", 7, 69.166668 / 3, "ok", None)),
    # of rye 50 of 50 was paid, of buns 5 of 20; what has nothing below the line is no part
    ("paid_by_bread", "acme", ("1.25", "2", 4, 0.625, "ok", None)),
    ("paid_by_bread", "bolt", (None, "0", 1, None, "undefined", NO_ROWS)),
    ("varied_sum", "acme", ("100", "1", 4, 100.0, "ok", None)),
    ("varied_sum", "bolt", ("50.000001", "1", 1, None, "insufficient", NONE)),
    ("varied_sum", "kim", ("100.000001", "1", 3, 100.000001, "ok", None)),
    ("varied_sum", "lee", ("47", "1", 2, 47.0, "ok", None)),
    ("varied_sum", "north", ("50", "1", 2, 50.0, "ok", None)),
    ("varied_sum", "big", ("70", "1", 2, None, "insufficient", ALIKE)),
    ("varied_middle", "acme", ("25", "1", 4, 25.0, "ok", None)),
    ("varied_middle", "big", ("35", "1", 2, None, "insufficient", ALIKE)),
    ("varied_parts", "acme", ("25", "1", 4, 25.0, "ok", None)),
    ("varied_parts", "bolt", ("50.000001", "1", 1, None, "insufficient", NONE)),
    ("varied_last", "acme", ("60", "2", 2, 30.0, "ok", None)),
    # the rye that was kim's was replaced by one of lee's
    ("varied_at_ends", "acme", ("19", "3", 3, 19 / 3, "ok", None)),
    ("varied_at_ends", "bolt", ("1", "1", 1, None, "insufficient", ALIKE)),
    ("last_per_customer", "organisation", ("98.000001", "3", 3, 98.000001 / 3, "ok", None)),
    ("sizes", "organisation", ("4", "1", 7, 4.0, "ok", None)),
    # acme's rye (three times) and bun, bolt's none, and of nobody known a bun and none
    ("breads_or_none", "organisation", ("5", "1", 7, 5.0, "ok", None)),
    ("breads_or_none", "acme", ("2", "1", 4, 2.0, "ok", None)),
    ("breads_or_none", "bolt", ("1", "1", 1, 1.0, "ok", None)),
    ("breads_or_none", "kim", ("3", "1", 3, 3.0, "ok", None)),
    ("breads_or_none", "lee", ("2", "1", 2, 2.0, "ok", None)),
    ("breads_or_none", "south", ("3", "1", 3, 3.0, "ok", None)),
    # small: rye and bun; big: rye of kim's and rye of lee's
    ("breads_or_none", "small", ("2", "1", 2, 2.0, "ok", None)),
    ("breads_or_none", "big", ("1", "1", 2, 1.0, "ok", None)),
    # nothing is one thing of acme, of bolt, and of nobody known, whoever has it how often
    ("nothings", "organisation", ("3", "1", 7, 3.0, "ok", None)),
    ("nothings", "acme", ("1", "1", 4, 1.0, "ok", None)),
    ("nothings", "kim", ("2", "1", 3, 2.0, "ok", None)),
    ("nothings", "lee", ("2", "1", 2, 2.0, "ok", None)),
    ("nothings", "north", ("1", "1", 2, 1.0, "ok", None)),
    ("nothings", "south", ("3", "1", 3, 3.0, "ok", None)),
    ("yearly", "acme", ("100", "0.25", 4, 400.0, "ok", None)),
    (
        "needs_three",
        "bolt",
        (None, "1", 1, None, "undefined", "picky is missing: only 1 of at least 3 needed"),
    ),
    ("or_nothing", "acme", ("2.65", "1", 4, 2.65, "ok", None)),
    # the one rating while acme was small was replaced: none, which stands for zero
    ("or_nothing", "small", ("2", "1", 2, 2.0, "ok", None)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kpi_id", "who", "expected"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES]
)
def test_a_value_is_the_one_worked_out_by_hand(
    told: Shop, kpi_id: str, who: str, expected: Row
) -> None:
    """Numerator, denominator, count, value, status and reason of the first quarter."""
    assert q1(told, kpi_id, who) == expected


def test_a_moment_belongs_to_the_window_that_it_begins(told: Shop) -> None:
    """Windows are half open: midnight of the first of April is the second quarter's."""
    assert q1(told, "turnover", "bolt", "2026-Q2")[0] == "60"
    assert q1(told, "turnover", "bolt", "2026-04")[0] == "60"
    assert q1(told, "turnover", "bolt", "2026-03")[0] == "50.000001"
    assert q1(told, "turnover", "bolt", "2026")[0] == "110.000001"


def test_a_standing_rating_holds_in_later_windows(told: Shop) -> None:
    """Carried, it counts until replaced; within, it counts in its own window alone."""
    assert q1(told, "standing_ratings", "acme", "2026-01")[:2] == ("6", "10")
    assert q1(told, "standing_ratings", "acme", "2026-12")[:2] == ("13", "20")
    assert q1(told, "last_ratings", "acme", "2026-12") == ()


def test_anchored_rows_ask_of_each_window_what_holds_there(told: Shop) -> None:
    """In April both had ordered before, and bolt came back."""
    assert q1(told, "returning", "organisation", "2026-Q2")[:3] == ("1", "2", 2)
    assert q1(told, "returning", "bolt", "2026-04")[:2] == ("1", "1")
    assert q1(told, "returning", "acme", "2026-04")[:2] == ("0", "1")
    assert q1(told, "returning", "bolt", "2026-03") == ()


def test_a_row_of_the_wrong_kind_is_refused_by_name(
    tmp_path: Path, bakery_courier: Courier
) -> None:
    """Evidence with a column that means nothing, or without what it needs, parks its KPI."""
    shapes = {
        "misspelt": "SELECT account_id, occurred_at, 1 AS numerater, 1 AS numerator FROM orders",
        "numberless": "SELECT account_id, occurred_at FROM orders",
        "timeless": "SELECT account_id, 1 AS numerator FROM orders",
    }
    shop = Shop(
        tmp_path,
        bakery_courier,
        registry_of(Pack(kpis=[kpi(name, Sum(), sql) for name, sql in shapes.items()])),
    )
    parked = shop.deliver(*HISTORY).parked
    assert "'numerater'" in parked["misspelt"]
    assert "needs a numerator" in parked["numberless"]
    assert "needs occurred_at or period" in parked["timeless"]


ADDITIVE = [k for k in KPIS if isinstance(k.value, Sum | Ratio | Mean)]
"""The KPIs whose numerators may be added up over accounts."""


@pytest.mark.parametrize("measured", ADDITIVE, ids=lambda k: k.id)
def test_no_row_is_lost_or_doubled_between_grains(told: Shop, measured: KPI) -> None:
    """The organisation is the accounts and what has none; managers never have more than it."""

    def pooled(by: str, column: int, period: str) -> Decimal:
        rows = told.rows(f"kpi = '{measured.id}' AND subject_type = '{by}' AND period = '{period}'")
        return sum((Decimal(str(row[column] or 0)) for row in rows), Decimal(0))

    reader = told.reader()
    for period in ("2026-01", "2026-02", "2026-Q1", "2026"):
        window = told.settings.calendar.window(period)
        whole = reader.explain(measured, "organisation", window, "organisation")
        homeless = [e for e in whole.evidence if e.account_id is None]
        numerator = sum((e.numerator or Decimal(0) for e in homeless), Decimal(0))
        assert pooled("organisation", 4, period) == pooled("account", 4, period) + numerator
        evidence = [e for e in whole.evidence if e.positions]
        assert pooled("organisation", 6, period) == len(evidence)
        assert sum((e.numerator or Decimal(0) for e in whole.evidence), Decimal(0)) == pooled(
            "organisation", 4, period
        )
        owned = [e for e in whole.evidence if e.manager_id is not None and e.positions]
        assert pooled("manager", 6, period) == len(owned)


def test_explaining_adds_up_to_the_value_for_everybody(told: Shop) -> None:
    """For every subject of every sum and ratio, the evidence makes up what the book holds."""
    reader = told.reader()
    window = told.settings.calendar.window("2026-Q1")
    for kpi_id in ("turnover", "paid_share", "last_ratings", "standing_ratings", "orders_a_month"):
        measured = told.registry.kpi(kpi_id)
        for row in told.rows(f"kpi = '{kpi_id}' AND period = '2026-Q1'"):
            by, subject = str(row[1]), str(row[2])
            found = reader.explain(measured, by, window, subject)  # type: ignore[arg-type]
            total = sum((e.numerator or Decimal(0) for e in found.evidence), Decimal(0))
            assert (kpi_id, by, subject, total) == (kpi_id, by, subject, Decimal(str(row[4])))
            if not isinstance(measured.value, Sum):
                below = sum((e.denominator for e in found.evidence), Decimal(0))
                assert below == Decimal(str(row[5]))


@pytest.mark.parametrize(
    "period", ["2026-W07", "trailing-3m@2026-03-31", "trailing-45d@2026-02-28"]
)
def test_a_window_that_is_not_kept_is_answered_all_the_same(told: Shop, period: str) -> None:
    """Asked for on demand, every KPI says what a replay that keeps such windows says."""
    reader = told.reader()
    calendar = told.settings.calendar
    window = calendar.window(period)
    same = {"trailing-3m@2026-03-31": "2026-Q1"}.get(period)
    for measured in told.registry.kpis.values():
        values = reader.values(measured, "organisation", window)
        if same is None:
            assert all(v.period == period for v in values)
            continue
        kept = reader.values(measured, "organisation", calendar.window(same))
        renamed = [msgspec.structs.replace(v, period=period) for v in kept]
        assert values == renamed


def test_an_absent_value_says_what_its_absence_means(told: Shop) -> None:
    """A true zero where the KPI says so; otherwise undefined with a reason."""
    reader = told.reader()
    window = told.settings.calendar.window("2026-12")
    zero = reader.value(told.registry.kpi("turnover"), "account", window, "acme")
    assert (zero.value, zero.status) == (0.0, "ok")
    assert (zero.numerator, zero.denominator) == (Decimal(0), Decimal(1))
    none = reader.value(told.registry.kpi("paid_share"), "account", window, "acme")
    assert (none.value, none.status, none.reason) == (
        None,
        "undefined",
        "no evidence in this period",
    )


LARGE = ["12345678901234567890.123456", "0.000001", "98765432109876543210.654321", "-0.5"]


def test_large_sums_stay_exact_and_their_quotients_are_rounded_once(
    tmp_path: Path, bakery_courier: Courier
) -> None:
    """Thirty digits survive; the value is the floating point number next to the exact one."""
    everything = kpi("everything", Sum(), ORDERED.format(numerator="amount"))
    shop = Shop(tmp_path, bakery_courier, registry_of(Pack(kpis=[everything, KPIS[2]])))
    shop.deliver(
        *[order(n, "2026-01-05", "acme", amount, paid="1") for n, amount in enumerate(LARGE)]
    )
    total = sum(map(Decimal, LARGE))
    found = shop.value("everything", "2026", "acme", "account")
    assert Decimal(str(found[0])) == total
    assert found[3] == float(total)
    assert shop.value("paid_share", "2026", "acme", "account")[3] == float(4 / total)
