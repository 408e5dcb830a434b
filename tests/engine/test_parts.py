"""Breakdowns: each part against a number worked out by hand, and all of them against the whole."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest

from kamengine.courier.client import Courier
from kamengine.engine.parts import Key
from kamengine.errors import UnknownNameError
from kamengine.kpi import (
    SUBJECT_TYPES,
    Distinct,
    Formula,
    Latest,
    Mean,
    Operand,
    Quantile,
    Ratio,
    SubjectType,
    Sum,
)
from tests.bakery import Pack, Shop, event, kpi, registry_of

HISTORY = [
    event("s1", "seller.joined", "2026-01-01", None, "kim", shop="north"),
    event("a1", "customer.assigned", "2026-01-01", "acme", "kim"),
    event("g1", "customer.changed", "2026-01-01", "acme", segment="small"),
    event("o1", "order.placed", "2026-01-05", "acme", order="1", amount="10", bread="rye"),
    event("o2", "order.placed", "2026-01-10", "acme", order="2", amount="20", bread="bun"),
    event("o3", "order.placed", "2026-02-03", "acme", order="3", amount="30", bread="rye"),
    event("o4", "order.placed", "2026-02-10", "bolt", order="4", amount="40", bread="rye"),
    event("o5", "order.placed", "2026-02-11", "bolt", order="5", amount="50"),
    event("r1", "bread.rated", "2026-01-15", "acme", bread="rye", score="6"),
    event("r2", "bread.rated", "2026-02-16", "acme", bread="bun", score="4"),
]

BY_BREAD = (
    "SELECT account_id, occurred_at, amount AS numerator, event_id, bread AS part FROM orders"
)
MONTHLY = """
WITH firsts AS (
    SELECT account_id, min(occurred_at) AS first_at
    FROM orders
    GROUP BY account_id
)

SELECT
    account_id, NULL AS period, occurred_at, 1 AS numerator, 0 AS denominator, event_id,
    bread AS part
FROM orders
UNION ALL
SELECT
    firsts.account_id, window_months.period, window_months.t0, 0, window_months.share, NULL, NULL
FROM firsts
INNER JOIN window_months ON firsts.first_at < window_months.t1
"""

KPIS = (
    kpi("money", Sum(), BY_BREAD),
    kpi("mean_order", Mean(), BY_BREAD),
    kpi("median_order", Quantile(q=Decimal("0.5")), BY_BREAD),
    kpi("some_money", Sum(), BY_BREAD, min_count=2),
    kpi("orders_a_month", Ratio(), MONTHLY),
    kpi(
        "opinion",
        Latest(),
        "SELECT account_id, occurred_at, score AS numerator, 10 AS denominator, event_id,"
        " 'opinion' AS item, bread AS part FROM bread_rated",
    ),
    kpi(
        "sizes",
        Distinct(),
        "SELECT account_id, occurred_at, CAST(amount > 25 AS VARCHAR) AS item, event_id,"
        " bread AS part FROM orders",
    ),
    kpi("whole", Sum(), "SELECT account_id, occurred_at, amount AS numerator FROM orders"),
    kpi("twice", Formula(operands={"money": Operand(kpi="money")}, numerator="2 * money")),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, bakery_courier: Courier) -> Shop:
    registry = registry_of(Pack(kpis=KPIS))
    shop = Shop(tmp_path_factory.mktemp("parts"), bakery_courier, registry)
    assert shop.deliver(*HISTORY).parked == {}
    return shop


Found = list[tuple[str, str | None, str, str]]


def parts(
    told: Shop,
    kpi_id: str,
    grain: SubjectType = "organisation",
    period: str = "2026-Q1",
    by: Sequence[Key] = ("part",),
    subject: str | None = None,
) -> Found:
    """Return subject, part, numerator and denominator of each part."""
    window = told.settings.calendar.window(period)
    found = told.reader().parts(told.registry.kpi(kpi_id), grain, [window], by, subject)
    return [(v.subject, v.part, str(v.numerator), str(v.denominator)) for v in found]


CASES: list[tuple[str, SubjectType, Found]] = [
    # rye 10 + 30 + 40; of one order nobody knows the bread
    (
        "money",
        "organisation",
        [
            ("organisation", "bun", "20", "1"),
            ("organisation", "rye", "80", "1"),
            ("organisation", None, "50", "1"),
        ],
    ),
    (
        "money",
        "account",
        [
            ("acme", "bun", "20", "1"),
            ("acme", "rye", "40", "1"),
            ("bolt", "rye", "40", "1"),
            ("bolt", None, "50", "1"),
        ],
    ),
    ("money", "manager", [("kim", "bun", "20", "1"), ("kim", "rye", "40", "1")]),
    ("money", "team", [("north", "bun", "20", "1"), ("north", "rye", "40", "1")]),
    ("money", "segment", [("small", "bun", "20", "1"), ("small", "rye", "40", "1")]),
    ("mean_order", "manager", [("kim", "bun", "20", "1"), ("kim", "rye", "40", "2")]),
    # of 10, 30 and 40 the one in the middle
    (
        "median_order",
        "organisation",
        [
            ("organisation", "bun", "20", "1"),
            ("organisation", "rye", "30", "1"),
            ("organisation", None, "50", "1"),
        ],
    ),
    # acme in all three months, bolt in two: the five are below the line of every bread
    (
        "orders_a_month",
        "organisation",
        [
            ("organisation", "bun", "1", "5"),
            ("organisation", "rye", "3", "5"),
            ("organisation", None, "1", "5"),
        ],
    ),
    (
        "orders_a_month",
        "account",
        [
            ("acme", "bun", "1", "3"),
            ("acme", "rye", "2", "3"),
            ("bolt", "rye", "1", "2"),
            ("bolt", None, "1", "2"),
        ],
    ),
    # the opinion of rye was replaced by one of bun, so no opinion of rye counts
    ("opinion", "organisation", [("organisation", "bun", "4", "10")]),
    # small and large ryes; acme's rye 10, acme's rye 30 and bolt's rye 40 are three items
    (
        "sizes",
        "organisation",
        [
            ("organisation", "bun", "1", "1"),
            ("organisation", "rye", "3", "1"),
            ("organisation", None, "1", "1"),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kpi_id", "grain", "expected"), CASES, ids=[f"{c[0]} {c[1]}" for c in CASES]
)
def test_a_part_is_the_one_worked_out_by_hand(
    told: Shop, kpi_id: str, grain: SubjectType, expected: Found
) -> None:
    """Subject, part, numerator and denominator of every part of the first quarter."""
    assert parts(told, kpi_id, grain) == expected


def test_parts_of_one_subject(told: Shop) -> None:
    """Asked for one subject, no other's parts come along."""
    assert parts(told, "money", "account", subject="bolt") == [
        ("bolt", "rye", "40", "1"),
        ("bolt", None, "50", "1"),
    ]
    assert parts(told, "money", "account", subject='nobody\'s "own"') == []


def test_parts_may_be_told_apart_by_two_columns(told: Shop) -> None:
    """Part and item together name a part; a row that lacks either has none."""
    assert parts(told, "sizes", "manager", by=("part", "item")) == [
        ("kim", "bun false", "1", "1"),
        ("kim", "rye false", "1", "1"),
        ("kim", "rye true", "1", "1"),
    ]


def test_a_part_of_a_window_that_is_not_kept(told: Shop) -> None:
    """Parts are made from evidence, so any window will do."""
    assert parts(told, "money", period="trailing-10d@2026-01-10") == [
        ("organisation", "bun", "20", "1"),
        ("organisation", "rye", "10", "1"),
    ]
    assert parts(told, "opinion", period="2026-01") == [("organisation", "rye", "6", "10")]


def test_a_part_with_too_few_rows_is_withheld(told: Shop) -> None:
    """The minimum holds for each part: two ryes will do, a single bun won't."""
    window = told.settings.calendar.window("2026-Q1")
    found = told.reader().parts(told.registry.kpi("some_money"), "manager", [window])
    assert [(v.part, v.status, v.value, v.reason) for v in found] == [
        ("bun", "insufficient", None, "only 1 of at least 2 needed"),
        ("rye", "ok", 40.0, None),
    ]


def test_several_windows_at_once(told: Shop) -> None:
    """Asked for several periods, each has its own parts, in their order."""
    windows = [told.settings.calendar.window(p) for p in ("2026-01", "2026-02")]
    found = told.reader().parts(told.registry.kpi("money"), "manager", windows)
    assert [(v.period, v.part, v.value) for v in found] == [
        ("2026-01", "bun", 20.0),
        ("2026-01", "rye", 10.0),
        ("2026-02", "rye", 30.0),
    ]
    assert told.reader().parts(told.registry.kpi("money"), "manager", []) == []


@pytest.mark.parametrize(
    ("kpi_id", "hint"), [("whole", "no parts"), ("twice", "ask for theirs: money")]
)
def test_what_has_no_parts_says_so(told: Shop, kpi_id: str, hint: str) -> None:
    """Evidence without parts, and a formula, are refused with the way to go on."""
    with pytest.raises(UnknownNameError, match=f"'{kpi_id}'.*{hint}"):
        parts(told, kpi_id)


@pytest.mark.parametrize("kpi_id", ["money", "mean_order", "orders_a_month", "opinion"])
def test_parts_add_up_to_the_whole(told: Shop, kpi_id: str) -> None:
    """Numerators and counts of a subject's parts sum to the subject's, at every grain."""
    reader, window = told.reader(), told.settings.calendar.window("2026-Q1")
    measured = told.registry.kpi(kpi_id)
    compared = 0
    for grain in SUBJECT_TYPES:
        broken = reader.parts(measured, grain, [window])
        for value in reader.values(measured, grain, window):
            own = [p for p in broken if p.subject == value.subject]
            assert sum((p.numerator or Decimal(0) for p in own), Decimal(0)) == value.numerator
            assert sum(p.count for p in own) == value.count
            compared += 1
    assert compared >= 5
