"""How numbers are written for people."""

from __future__ import annotations

import pytest

from kamengine.value import measured_in


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        ("money", "EUR"),
        ("money/account", "EUR per account"),
        ("count", ""),
        ("count/day", "per day"),
        ("%", ""),
        ("%/year", "per year"),
        ("cases/account/month", "cases per account per month"),
        ("accounts", "accounts"),
        ("index 0-100", "index 0-100"),
    ],
)
def test_a_unit_stands_behind_its_number_as_people_write_it(unit: str, written: str) -> None:
    """Money is in its currency, a count is bare, and a percent sign is part of the number."""
    assert measured_in(unit, "EUR") == written
