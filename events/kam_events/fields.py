"""The field types that event families share, and the checks that decimals and periods need."""

from __future__ import annotations

import datetime as dt
import typing
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from kamengine.event import MONEY_DIGITS, EventData

LARGEST = Decimal(10) ** 18
"""Amounts stay below it, so that an amount times any rate still fits DECIMAL(38)."""

SMALLEST = Decimal(10) ** -MONEY_DIGITS
LARGEST_RATE = Decimal(10) ** 8
LARGEST_SCORE = Decimal(10) ** 9
LARGEST_WEIGHT = Decimal(10) ** 6
"""A weight times a score stays exact, and so does any sum of such products."""

LONGEST_PERIOD = dt.timedelta(days=36_525)


class Bounds(msgspec.Struct, frozen=True):
    """The range of a decimal field, both ends included. `msgspec.Meta` has none for decimals."""

    low: Decimal
    high: Decimal

    def check(self, name: str, value: Decimal) -> None:
        """Refuse what a fact column can't hold exactly, and what lies outside the range.

        Raises:
            ValueError: Says which field and why.
        """
        if not value.is_finite():
            raise ValueError(f"`{name}` must be a finite number, not {value}")
        if not self.low <= value <= self.high:
            raise ValueError(f"`{name}` must lie between {self.low:f} and {self.high:f}")
        if value % SMALLEST:
            raise ValueError(f"`{name}` has more than {MONEY_DIGITS} digits after the point")


ANY_AMOUNT = Bounds(-LARGEST, LARGEST)

Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=255)]
Currency: TypeAlias = Annotated[str, Meta(pattern="^[A-Z]{3}$", min_length=3, max_length=3)]
Instant: TypeAlias = Annotated[dt.datetime, Meta(tz=True)]
Minutes: TypeAlias = Annotated[int, Meta(ge=0, le=100_000)]
Months: TypeAlias = Annotated[int, Meta(ge=1, le=1_200)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=10**15)]
OneToFive: TypeAlias = Annotated[int, Meta(ge=1, le=5)]
ZeroToFive: TypeAlias = Annotated[int, Meta(ge=0, le=5)]
ZeroToTen: TypeAlias = Annotated[int, Meta(ge=0, le=10)]
OneToTen: TypeAlias = Annotated[int, Meta(ge=1, le=10)]

Money: TypeAlias = Annotated[Decimal, ANY_AMOUNT]
Number: TypeAlias = Annotated[Decimal, ANY_AMOUNT]
Quantity: TypeAlias = Annotated[Decimal, Bounds(Decimal(0), LARGEST)]
Points: TypeAlias = Annotated[Decimal, Bounds(Decimal(0), LARGEST_SCORE)]
Weight: TypeAlias = Annotated[Decimal, Bounds(Decimal(0), LARGEST_WEIGHT)]
Probability: TypeAlias = Annotated[Decimal, Bounds(Decimal(0), Decimal(1))]
Rate: TypeAlias = Annotated[Decimal, Bounds(SMALLEST, LARGEST_RATE)]


class Measured(EventData, frozen=True):
    """A payload with decimals: each fits its fact column exactly and keeps to its range."""

    def __post_init__(self) -> None:
        for name, bounds in bounds_of(type(self)):
            value = getattr(self, name)
            if isinstance(value, Decimal):
                bounds.check(name, value)
            elif isinstance(value, dict):
                for key, part in value.items():
                    bounds.check(f"{name}.{key}", part)


class Dated(Measured, frozen=True):
    """A payload about the local days from ``period_start`` up to, not including, ``period_end``."""

    period_start: dt.date
    period_end: dt.date

    def __post_init__(self) -> None:
        super().__post_init__()
        check_order("period_start", self.period_start, "period_end", self.period_end)
        if self.period_end - self.period_start > LONGEST_PERIOD:
            raise ValueError("`period_start` and `period_end` lie more than 100 years apart")


def check_order(first: str, start: dt.date, second: str, end: dt.date) -> None:
    """Refuse an interval that is empty or runs backwards.

    Raises:
        ValueError: Says which two fields and what they hold.
    """
    if end <= start:
        raise ValueError(f"`{second}` {end} must come after `{first}` {start}")


def check_score(score: Decimal, maximum: Decimal) -> None:
    """Refuse a score above its maximum, or a maximum that nothing can be a share of.

    Raises:
        ValueError: Says what the two are.
    """
    if maximum <= 0 or score > maximum:
        raise ValueError(f"`score` {score} isn't on a scale from 0 to `max` {maximum}")


def check_some(data: EventData, *but: str) -> None:
    """Refuse a change that changes nothing.

    Raises:
        ValueError: None of the fields other than ``but`` is stated.
    """
    names = [name for name in data.__struct_fields__ if name not in but]
    if all(getattr(data, name) is None for name in names):
        raise ValueError(f"nothing is changed; state at least one of {', '.join(names)}")


@lru_cache(maxsize=256)
def bounds_of(data: type[EventData]) -> tuple[tuple[str, Bounds], ...]:
    """List the decimal fields of a payload with their ranges."""
    hints = typing.get_type_hints(data, include_extras=True)
    found = ((name, _find_bounds(hints[name])) for name in data.__struct_fields__)
    return tuple((name, bounds) for name, bounds in found if bounds)


def _find_bounds(hint: object) -> Bounds | None:
    if hint is Decimal:
        return ANY_AMOUNT
    own = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Bounds)), None)
    return own or next(filter(None, map(_find_bounds, typing.get_args(hint))), None)
