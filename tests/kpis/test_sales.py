"""What the KPIs of sales promise beyond single cases."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from kamengine.kpi import SUBJECT_TYPES
from kamengine.replay.contribution import Contribution
from kamengine.value import Value
from tests.kpis.commerce import TARGET_MIX
from tests.kpis.conftest import Simulated


def test_products_add_up_to_the_revenue(simulated: Simulated) -> None:
    """What the products brought in is what the deals brought in, to the last digit."""
    value, rows = _explained("expansion_revenue", simulated)
    by_product: dict[str | None, Decimal] = defaultdict(Decimal)
    for row in rows:
        by_product[row.part] += row.numerator or Decimal(0)
    assert len(by_product) > 3
    assert sum(by_product.values()) == value.numerator
    assert all(row.positions for row in rows)


def test_conversion_is_the_same_however_it_is_broken_down(simulated: Simulated) -> None:
    """By channel or by touch number, at every grain: only the parts are others."""
    by_channel = _values("client_acquisition_conversion", simulated)
    by_number = _values("client_acquisition_conversion_by_touch", simulated)
    assert len(by_channel) > 500
    assert by_channel == by_number
    _, rows = _explained("client_acquisition_conversion_by_touch", simulated)
    assert {row.part for row in rows} > {"1", "2", "3"}


def test_a_mix_lies_between_nothing_right_and_a_perfect_fit(simulated: Simulated) -> None:
    """The index lies between 0 and 100, and what should be adds up to what is."""
    found = _values("product_mix_alignment", simulated)
    assert len(found) > 200
    assert all(0 <= above <= 100 * below for above, below in found.values())
    value, rows = _explained("product_mix_alignment", simulated)
    assert sum(row.numerator or 0 for row in rows) == value.denominator
    assert {row.part for row in rows if row.denominator} == set(TARGET_MIX)


def test_a_wish_to_leave_is_no_wish_to_buy(simulated: Simulated) -> None:
    """Whoever is likely to buy more is so by a score or a deal, and the event is named."""
    _, rows = _explained("expansion_propensity_share", simulated)
    assert {"score", "nothing"} <= {row.part for row in rows} <= {"score", "deal", "nothing"}
    assert all((len(row.positions) == 2) is (row.part != "nothing") for row in rows)
    assert all((row.numerator == 1) is (row.part != "nothing") for row in rows)


def _values(kpi_id: str, simulated: Simulated) -> dict[tuple[str, str, str], tuple[Decimal, ...]]:
    reader = simulated.reader
    return {
        (value.subject_type, value.subject, value.period): (value.numerator, value.denominator)
        for grain in SUBJECT_TYPES
        for value in reader.book.values(reader.registry.kpi(kpi_id), grain)
        if value.status == "ok" and value.numerator is not None and value.denominator is not None
    }


def _explained(kpi_id: str, simulated: Simulated) -> tuple[Value, tuple[Contribution, ...]]:
    """Explain the organisation's value that rests on the most evidence."""
    reader = simulated.reader
    kpi = reader.registry.kpi(kpi_id)
    known = [v for v in reader.book.values(kpi, "organisation") if v.status == "ok"]
    period = max(known, key=lambda value: value.count).period
    window = next(window for window in simulated.windows if window.period == period)
    told = reader.explain(kpi, "organisation", window, "organisation")
    return told.value, told.evidence
