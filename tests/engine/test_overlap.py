"""Parts that are pooled before they are compared, at every grain, by whatever path."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from kamengine.cli.explain import _total
from kamengine.courier.client import Courier
from kamengine.kpi import SUBJECT_TYPES, Overlap, SubjectType
from kamengine.value import Value
from tests.bakery import Pack, Row, Shop, assert_as_rebuilt, event, kpi, registry_of
from tests.engine.test_values import HISTORY, order

HALF_AND_HALF = """
SELECT
    account_id,
    manager_id,
    occurred_at,
    CASE WHEN bread = kinds.part THEN amount ELSE 0 END AS numerator,
    amount * 0.5 AS denominator,
    kinds.part,
    CASE WHEN bread = kinds.part THEN event_id END AS event_id,
    CASE WHEN amount = 13 THEN 'unlucky' END AS problem
FROM orders
CROSS JOIN (VALUES ('rye'), ('bun')) AS kinds (part)
WHERE bread IS NOT NULL
"""
KPIS = (
    kpi("assortment", Overlap(scale=100), HALF_AND_HALF),
    kpi("assorted_share", Overlap(), HALF_AND_HALF, min_count=4),
    kpi("unknown", Overlap(), HALF_AND_HALF.replace("THEN amount ELSE 0", "THEN NULL ELSE NULL")),
    kpi(
        "yearly_assortment",
        Overlap(scale=100),
        "SELECT windows.period, stated.* FROM ("
        + HALF_AND_HALF
        + ") AS stated INNER JOIN windows ON stated.occurred_at >= windows.t0"
        " AND stated.occurred_at < windows.t1 AND windows.kind = 'year'",
    ),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, bakery_courier: Courier) -> Shop:
    folder = tmp_path_factory.mktemp("overlap")
    shop = Shop(folder, bakery_courier, registry_of(Pack(kpis=KPIS)))
    assert shop.deliver(*HISTORY).parked == {}
    return shop


CASES: list[tuple[SubjectType, str, str, Row]] = [
    # 80 of rye and 20 of bun, where 50 and 50 should be: 50 + 20 of 100
    ("account", "acme", "2026-Q1", ("7000", "100", 4, 70.0, "ok", None)),
    # rye 10, bun 20: 10 + 15 of 30; then rye alone: the quarter is neither, nor their mean
    ("account", "acme", "2026-01", ("2500", "30", 2, 2500 / 30, "ok", None)),
    ("account", "acme", "2026-02", ("3500", "70", 2, 50.0, "ok", None)),
    # rye 30, bun 20
    ("manager", "kim", "2026-Q1", ("4500", "50", 2, 90.0, "ok", None)),
    # rye 40, bun 7: 23.5 + 7
    ("manager", "lee", "2026-Q1", ("3050", "47", 2, 3050 / 47, "ok", None)),
    ("team", "north", "2026-Q1", ("4500", "50", 2, 90.0, "ok", None)),
    ("team", "south", "2026-Q1", ("3050", "47", 2, 3050 / 47, "ok", None)),
    ("segment", "small", "2026-Q1", ("2500", "30", 2, 2500 / 30, "ok", None)),
    ("segment", "big", "2026-Q1", ("3500", "70", 2, 50.0, "ok", None)),
    # rye 80, bun 27: 53.5 + 27 of 107
    ("organisation", "organisation", "2026-Q1", ("8050", "107", 5, 8050 / 107, "ok", None)),
    # and 60 of rye from bolt: 83.5 + 27 of 167
    ("organisation", "organisation", "2026", ("11050", "167", 6, 11050 / 167, "ok", None)),
]


@pytest.mark.parametrize(("by", "who", "period", "expected"), CASES)
def test_parts_are_pooled_at_every_grain_before_they_are_compared(
    told: Shop, by: SubjectType, who: str, period: str, expected: Row
) -> None:
    """What one account has too much of makes up for what another of the same team lacks."""
    assert told.value("assortment", period, who, by) == expected


def test_anchored_rows_are_pooled_likewise(told: Shop) -> None:
    """Rows that name their window make the same value as rows that have a moment."""
    timed = told.value("assortment", "2026", "acme", "account")
    assert told.value("yearly_assortment", "2026", "acme", "account") == timed
    assert told.value("yearly_assortment", "2026-Q1", "acme", "account") == ()


def test_few_rows_and_unknown_ones_leave_it_open(told: Shop) -> None:
    """The count is of rows with an event; an unknown part isn't a full one."""
    few = told.value("assorted_share", "2026-Q1", "kim", "manager")
    assert few == ("45", "50", 2, None, "insufficient", "only 2 of at least 4 needed")
    unknown = told.value("unknown", "2026-Q1", "acme", "account")
    assert unknown == (None, "100", 4, None, "undefined", "nothing to divide by: no rows")


def test_a_problem_in_one_part_spoils_the_whole(tmp_path: Path, bakery_courier: Courier) -> None:
    """Whoever can't say what a part is can't say how well the parts fit."""
    shop = Shop(tmp_path, bakery_courier, registry_of(Pack(kpis=KPIS[:1])))
    shop.deliver(*HISTORY, order(9, "2026-03-01", "acme", "13", bread="rye"))
    assert shop.value("assortment", "2026-Q1", "acme", "account")[3:] == (
        None,
        "undefined",
        "unlucky",
    )
    assert shop.value("assortment", "2026-02", "acme", "account")[3] == 50.0


def test_event_by_event_it_is_what_a_rebuild_makes_it(
    tmp_path: Path, bakery_courier: Courier
) -> None:
    """New orders, a change of hands and a late order move the values that they touch."""
    shop = Shop(tmp_path / "kept", bakery_courier, registry_of(Pack(kpis=KPIS)))
    batches = [
        HISTORY[:10],
        HISTORY[10:],
        [order(9, "2026-01-03", "bolt", "5", bread="bun")],
        [event("a9", "customer.assigned", "2026-01-02", "acme", "lee")],
        [order(10, "2026-02-03", "acme", "50", bread="bun")],
    ]
    known = []
    for number, batch in enumerate(batches):
        shop.deliver(*batch)
        known += batch
        assert_as_rebuilt(shop, known, tmp_path / f"rebuilt-{number}")
    # February's rye 70 and bun 50: 60 + 50 of 120
    assert shop.value("assortment", "2026-02", "acme", "account")[:2] == ("11000", "120")


def test_a_window_that_is_not_kept_is_answered_from_the_same_evidence(told: Shop) -> None:
    """A trailing quarter is the quarter."""
    reader, measured = told.reader(), told.registry.kpi("assortment")
    kept, asked = (
        reader.value(measured, "team", told.settings.calendar.window(period), "south")
        for period in ("2026-Q1", "trailing-3m@2026-03-31")
    )
    assert asked == msgspec.structs.replace(kept, period="trailing-3m@2026-03-31")


def test_evidence_adds_up_to_the_value_for_everybody(told: Shop) -> None:
    """For every subject the explained rows, part by part, make what the book holds."""
    reader, measured = told.reader(), told.registry.kpi("assortment")
    window = told.settings.calendar.window("2026-Q1")
    explained: list[Value] = []
    for by in SUBJECT_TYPES:
        for value in reader.values(measured, by, window):
            found = reader.explain(measured, by, window, value.subject)
            assert _total(measured, found)["matches"] is True
            assert sum(row.denominator for row in found.evidence) == value.denominator
            explained.append(found.value)
    assert {value.subject for value in explained} >= {"acme", "kim", "south", "big", "organisation"}
    assert Decimal("8050") in {value.numerator for value in explained}
