"""Weights by tenure, worked out by hand, and what always holds of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kam_business.kam_scorecard_score import KAM_SCORECARD_SCORE
from kamengine.kpi import TenureWeights
from kamengine.scorecard.tenure import Service, mean_weights, stints

assert isinstance(KAM_SCORECARD_SCORE.params, TenureWeights)
SEED: TenureWeights = KAM_SCORECARD_SCORE.params

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))


def service(hired: dt.date, start: dt.date, end: dt.date, manager: str = "kim") -> Service:
    return Service(manager=manager, hired_on=hired, start=start, end=end, position=1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def weights(*services: Service) -> tuple[Fraction, ...]:
    found = mean_weights(stints(services, SEED))
    return tuple(found[family] for family in ("relationship", "revenue", "retention"))


def test_another_band_after_day_40_of_90() -> None:
    """48.89 / 25.56 / 25.56: forty days of 60/20/20 and fifty of 40/30/30."""
    quarter = service(day("2024-08-10"), day("2026-01-01"), day("2026-04-01"))
    found = weights(quarter)
    assert found == (Fraction(440, 9), Fraction(230, 9), Fraction(230, 9))
    assert [round(float(weight), 2) for weight in found] == [48.89, 25.56, 25.56]
    assert [(s.from_month, s.days) for s in stints([quarter], SEED)] == [(0, 40), (18, 50)]


@pytest.mark.parametrize(
    ("hired", "on", "expected"),
    [
        ("2023-01-15", "2024-07-14", 60),
        ("2023-01-15", "2024-07-15", 40),  # exactly 18 months
        ("2023-01-15", "2026-01-14", 40),
        ("2023-01-15", "2026-01-15", 30),  # exactly 36
        ("2023-08-31", "2025-02-27", 60),
        ("2023-08-31", "2025-02-28", 40),  # February has no 31st: its last day
        ("2024-02-29", "2027-02-27", 40),
        ("2024-02-29", "2027-02-28", 30),
        ("2026-01-01", "2026-01-01", 60),  # the first day here
    ],
)
def test_the_day_that_completes_the_months_begins_the_band(
    hired: str, on: str, expected: int
) -> None:
    """Bands are half open, at the end of a short month too."""
    one = service(day(hired), day(on), day(on) + dt.timedelta(days=1))
    assert weights(one)[0] == expected


def test_days_of_several_managers_count_alike() -> None:
    """Thirty days at 60 and ten at 30 are 2100/40."""
    new = service(day("2026-01-01"), day("2026-01-01"), day("2026-01-31"))
    old = service(day("2010-01-01"), day("2026-01-31"), day("2026-02-10"), "lee")
    assert weights(new, old)[0] == Fraction(105, 2)


def test_without_a_day_there_is_no_weight() -> None:
    """Nobody's days have no mean."""
    assert mean_weights([]) == {}


@given(DAYS, st.integers(0, 4000), st.integers(1, 1000))
def test_weights_are_a_mean_of_bands(hired: dt.date, after: int, length: int) -> None:
    """They sum to 100 and lie between the bands, and no day is lost or counted twice."""
    start = hired + dt.timedelta(days=after)
    one = service(hired, start, start + dt.timedelta(days=length))
    assert sum(stint.days for stint in stints([one], SEED)) == length
    found = weights(one)
    assert sum(found) == 100
    assert 30 <= found[0] <= 60


@given(DAYS, st.integers(0, 2000), st.integers(1, 500), st.integers(1, 500))
def test_a_period_is_the_mean_of_its_pieces(
    hired: dt.date, after: int, first: int, second: int
) -> None:
    """Cut anywhere, the pieces weighed by their days give the whole."""
    start = hired + dt.timedelta(days=after)
    middle, end = start + dt.timedelta(days=first), start + dt.timedelta(days=first + second)
    whole = weights(service(hired, start, end))
    one, other = weights(service(hired, start, middle)), weights(service(hired, middle, end))
    pieces = zip(one, other, strict=True)
    assert whole == tuple((a * first + b * second) / (first + second) for a, b in pieces)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"from_month": (1, 18, 36)}, "must begin with 0"),
        ({"from_month": (0, 36, 18)}, "must begin with 0 and rise"),
        ({"from_month": (0, 18, 18)}, "must begin with 0 and rise"),
        ({"from_month": (0, 18)}, "`relationship` has 3 weights for 2 bands"),
        ({"revenue": (Decimal(20), Decimal(30), Decimal(41))}, "from month 36 add up to 101"),
        ({"revenue": (Decimal(-20), Decimal(30), Decimal(40))}, "`revenue` has a weight that"),
    ],
)
def test_bands_that_make_no_sense_are_refused(changes: dict[str, object], complaint: str) -> None:
    """Every band adds up to 100, and every family has a weight in each."""
    given_ = {name: getattr(SEED, name) for name in SEED.__struct_fields__}
    with pytest.raises(ValueError, match=complaint):
        TenureWeights(**(given_ | changes))
