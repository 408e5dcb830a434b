"""What the KPIs of money promise beyond single cases."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction

import pytest

from kamengine.kpi import SubjectType
from kamengine.periods import Window
from kamengine.value import Value
from tests.kpis.amounts import (
    Span,
    amounts,
    days,
    previous,
    same_days_before,
    to_date,
    twelve_months,
)
from tests.kpis.conftest import Simulated
from tests.kpis.oracles.account_profitability import results

PERIOD = "2025-Q1"


@pytest.mark.parametrize(
    ("kpi", "spans"),
    [
        ("organic_growth_rate", (days, previous)),
        ("sales_growth_ytd", (to_date, same_days_before)),
        ("unprofitable_customers_share", (twelve_months,)),
    ],
)
def test_a_sum_over_a_window_is_explained_by_all_its_events(
    kpi: str, spans: tuple[Callable[[Window], Span], ...], simulated: Simulated
) -> None:
    """Each account's row names every event that counts in its days, and each of them once."""
    reader = simulated.reader
    window = next(w for w in simulated.windows if w.period == PERIOD)
    told = reader.explain(reader.registry.kpi(kpi), "organisation", window, "organisation")
    revenue = amounts(simulated.events, "revenue.recognized")
    items = results(simulated.events) if spans == (twelve_months,) else revenue
    wanted: dict[str | None, set[str]] = defaultdict(set)
    for span in (held(window) for held in spans):
        for item in items:
            if item.day in span:
                wanted[item.account].add(item.event["id"])
    assert len(told.evidence) > 20
    assert all(len(set(row.positions)) == len(row.positions) for row in told.evidence)
    assert {row.account_id: len(row.positions) for row in told.evidence}.items() <= {
        account: len(ids) for account, ids in wanted.items()
    }.items()
    assert max(len(row.positions) for row in told.evidence) > 5


def test_the_amount_is_what_the_share_is_of(simulated: Simulated) -> None:
    """Profitability in money is the numerator of profitability, wherever both are known."""
    share = _values("account_profitability", simulated)
    amount = _values("account_profitability_amount", simulated)
    assert share.keys() <= amount.keys()
    assert {k: v.numerator for k, v in share.items()} == {k: amount[k].numerator for k in share}


def test_margins_are_those_of_the_window_before(simulated: Simulated) -> None:
    """Of a window that is over, the margin before is the one that its neighbour has as its own."""
    now = _values("gross_margin", simulated)
    before = _values("gross_margin_previous", simulated)
    months = [w.period for w in simulated.windows if w.kind == "month"][:-1]
    pairs = [
        (_exact(before[who, month]), _exact(now[who, earlier]))
        for earlier, month in itertools.pairwise(months)
        for who in {who for who, _ in now}
        if (who, month) in before
    ]
    assert len(pairs) > 300
    assert all(a == b for a, b in pairs)


def _values(kpi_id: str, simulated: Simulated) -> dict[tuple[str, str], Value]:
    reader = simulated.reader
    grains: tuple[SubjectType, ...] = ("account", "organisation")
    return {
        (value.subject, value.period): value
        for grain in grains
        for value in reader.book.values(reader.registry.kpi(kpi_id), grain)
        if value.status == "ok"
    }


def _exact(value: Value) -> Fraction:
    assert value.numerator is not None
    assert value.denominator is not None
    return Fraction(value.numerator) / Fraction(value.denominator)
