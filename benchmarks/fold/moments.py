"""Local months, things that hold from a moment on, and numbers in whole millionths."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")

MILLION = 10**6
MICROSECOND = timedelta(microseconds=1)
FOREVER = datetime.max.replace(tzinfo=UTC)


class History(Generic[T]):
    """What held from which moment on: each statement until the next one."""

    __slots__ = ("starts", "values")

    def __init__(self) -> None:
        self.starts: list[datetime] = []
        self.values: list[T] = []

    def put(self, since: datetime, value: T) -> None:
        """State something; it replaces what was stated for the same moment."""
        place = bisect_left(self.starts, since)
        if place < len(self.starts) and self.starts[place] == since:
            self.values[place] = value
            return
        self.starts.insert(place, since)
        self.values.insert(place, value)

    def at(self, moment: datetime) -> T | None:
        """Return what held at a moment; None before the first statement."""
        place = bisect_right(self.starts, moment)
        return self.values[place - 1] if place else None

    def until(self, moment: datetime) -> datetime:
        """Return when what holds at a moment is replaced."""
        place = bisect_right(self.starts, moment)
        return self.starts[place] if place < len(self.starts) else FOREVER


class Months:
    """The months of a calendar, from the one that holds a moment to where the last is cut.

    Attributes:
        periods: Their names.
        turns: When each begins, and where the last one ends.
        ends: The local day after each.
        shares: Which part of the whole month each is, in millionths.
    """

    def __init__(self, zone: ZoneInfo, first: datetime, cut: datetime) -> None:
        self.zone = zone
        self.periods: list[str] = []
        self.turns: list[datetime] = []
        self.ends: list[date] = []
        self.shares: list[int] = []
        day = first.astimezone(zone).date().replace(day=1)
        while (start := self.start(day)) < cut:
            following = (day + timedelta(days=31)).replace(day=1)
            end = self.start(following)
            part = rounded(MILLION * micros(start, min(cut, end)), micros(start, end))
            last_day = (cut - MICROSECOND).astimezone(zone).date()
            self.periods.append(f"{day:%Y-%m}")
            self.turns.append(start)
            self.shares.append(part)
            self.ends.append(min(following, last_day + timedelta(days=1)))
            day = following
        self.turns.append(cut)

    def __len__(self) -> int:
        return len(self.periods)

    def start(self, day: date) -> datetime:
        """Return the instant at which a local day begins."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    @cache  # noqa: B019 - there is one calendar
    def days_before_ends(self, days: int) -> list[datetime]:
        """Return when each month's last so many days begin."""
        return [self.start(end - timedelta(days=days)) for end in self.ends]

    def of(self, moment: datetime) -> int | None:
        """Return which month a moment falls into."""
        place = bisect_right(self.turns, moment) - 1
        return place if 0 <= place < len(self.periods) else None


def micros(start: datetime, end: datetime) -> int:
    """Return the time between two moments: microseconds, or millionths of seconds."""
    return (end - start) // MICROSECOND


def millionths(number: object) -> int:
    """Return a number of a payload, exactly."""
    return int(Decimal(str(number)) * MILLION)


def rounded(above: int, below: int) -> int:
    """Return a quotient as a whole number, half away from zero; what is below is positive."""
    half = (2 * abs(above) + below) // (2 * below)
    return half if above >= 0 else -half


@cache
def day_of(text: str) -> date:
    """Return a payload's date."""
    return date.fromisoformat(text)
