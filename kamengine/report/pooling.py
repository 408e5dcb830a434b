"""What a pooled value is made of: the sums of its parts, in this period and the one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

import msgspec

from kamengine.kpi import KPI, Distinct, Latest, Mean, Ratio, Sum
from kamengine.value import Value

ADDITIVE = (Sum, Ratio, Mean, Latest, Distinct)
"""Values whose numerators and denominators are those of their parts, added up."""


class Sums(msgspec.Struct, frozen=True):
    """What some evidence adds up to.

    Attributes:
        numerator: Above the line.
        denominator: Below it; None where the value is a plain sum, divided by the same always.
    """

    numerator: Fraction
    denominator: Fraction | None = None

    def __add__(self, other: Sums) -> Sums:
        """Pool two."""
        below = None
        if self.denominator is not None and other.denominator is not None:
            below = self.denominator + other.denominator
        return Sums(self.numerator + other.numerator, below)

    @property
    def quotient(self) -> Fraction | None:
        """The value of this evidence alone; None where there is nothing to divide by."""
        if self.denominator is None:
            return self.numerator
        return self.numerator / self.denominator if self.denominator else None


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence of one account, one manager and one team in one period, added up.

    Attributes:
        period: Which period.
        account_id: Whose; None for evidence without an account.
        manager_id: Who answered for it then.
        team: Their team then.
        sums: What it adds up to.
    """

    period: str
    account_id: str | None
    manager_id: str | None
    team: str | None
    sums: Sums


def divisor(kpi: KPI) -> Fraction | None:
    """Return what a plain sum is divided by; None for a value with a denominator of its own."""
    if isinstance(kpi.value, Sum):
        return Fraction(kpi.value.per)
    return Fraction(1) if isinstance(kpi.value, Distinct) else None


def sums_of(kpi: KPI, numerator: Decimal, denominator: Decimal, rows: int) -> Sums:
    """Return what evidence adds up to, in the unit of the KPI's value."""
    if (per := divisor(kpi)) is not None:
        return Sums(Fraction(numerator) / per)
    if isinstance(kpi.value, Mean):
        return Sums(Fraction(numerator), Fraction(rows * kpi.value.per))
    return Sums(Fraction(numerator), Fraction(denominator))


def pooled(cells: Iterable[Cell], by: str) -> dict[str | None, Sums]:
    """Add cells up by account, manager or team."""
    found: dict[str | None, Sums] = {}
    for cell in cells:
        name = getattr(cell, by)
        found[name] = found[name] + cell.sums if name in found else cell.sums
    return found


def adds_up(kpi: KPI, value: Value, parts: Mapping[str, Sums] | Mapping[str | None, Sums]) -> bool:
    """Tell whether parts make exactly a value, above and below the line."""
    if value.numerator is None or value.denominator is None or not parts:
        return False
    whole = sum_of(parts.values())
    if (per := divisor(kpi)) is not None:
        return whole.numerator * per == Fraction(value.numerator)
    return whole == Sums(Fraction(value.numerator), Fraction(value.denominator))


def sum_of(parts: Iterable[Sums]) -> Sums:
    """Pool several; there must be one at least."""
    first, *others = parts
    for each in others:
        first += each
    return first
