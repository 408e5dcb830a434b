"""Simulated time: whole seconds since the first day, its months, and its working hours."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left

import msgspec

from kam_events.simulation.dice import Dice
from kamengine.hookspecs import SimulationPlan

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
OPENING = 7 * HOUR
"""When working days start, in UTC."""
WORKING_HOURS = 10 * HOUR
SATURDAY = 5

_CLOCK = [f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(24 * 60)]
_SECONDS = [f"{second:02d}Z" for second in range(60)]


class Month(msgspec.Struct, frozen=True):
    """A calendar month, or the part of it that is simulated.

    Attributes:
        index: Counted from the first.
        start: Its first simulated second.
        end: The second after its last.
        first: Its first day.
        after: The first day of the next one.
        number: 1 to 12.
    """

    index: int
    start: int
    end: int
    first: dt.date
    after: dt.date
    number: int


class Calendar:
    """The simulated days, and how they are written."""

    def __init__(self, plan: SimulationPlan) -> None:
        self.first_day = dt.date.fromisoformat(plan.first_day)
        after = add_months(self.first_day, 12 * plan.years)
        days = [self.first_day + dt.timedelta(n) for n in range((after - self.first_day).days)]
        self.end = len(days) * DAY
        self._dates = [day.isoformat() for day in days]
        self._workdays = [n * DAY for n, day in enumerate(days) if day.weekday() < SATURDAY]
        self.months: list[Month] = []
        self.month_of_day: list[int] = []
        for day in days:
            if not self.months or day.day == 1:
                self.months.append(self._month(day, after))
            self.month_of_day.append(len(self.months) - 1)

    def _month(self, day: dt.date, after: dt.date) -> Month:
        following = add_months(day.replace(day=1), 1)
        return Month(
            len(self.months),
            self.at(day),
            self.at(min(following, after)),
            day.replace(day=1),
            following,
            day.month,
        )

    def at(self, day: dt.date) -> int:
        """Return the second at which a day starts; negative before the first day."""
        return (day - self.first_day).days * DAY

    def date(self, at: int) -> dt.date:
        """Return the day that a second falls on."""
        return self.first_day + dt.timedelta(at // DAY)

    def text(self, at: int) -> str:
        """Write a simulated second as RFC 3339."""
        minute, second = divmod(at % DAY, MINUTE)
        return self._dates[at // DAY] + _CLOCK[minute] + _SECONDS[second]

    def month(self, at: int) -> int:
        """Return the index of the month that a second falls into, or of the nearest one."""
        return self.month_of_day[min(max(at // DAY, 0), len(self.month_of_day) - 1)]

    def at_work(self, at: int) -> int:
        """Return a moment of the same day in working hours; a later one stays later."""
        day, second = divmod(at, DAY)
        return day * DAY + OPENING + second * WORKING_HOURS // DAY

    def workdays(self, start: int, end: int) -> list[int]:
        """Return the working days of a span as the seconds at which they start."""
        return self._workdays[bisect_left(self._workdays, start) : bisect_left(self._workdays, end)]

    def working_moment(self, dice: Dice, start: int, end: int) -> int:
        """Return a moment in a span, in working hours wherever the span has any."""
        low, high = bisect_left(self._workdays, start), bisect_left(self._workdays, end)
        if low == high:
            return dice.whole(start, max(start, end - 1))
        day = self._workdays[low + int(dice.random() * (high - low))]
        at = day + OPENING + int(dice.random() * WORKING_HOURS)
        return max(start, min(at, end - 1))


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month, or the last one where that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = dt.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(dt.date(year, month + 1, 1) + dt.timedelta(day.day - 1), following - dt.timedelta(1))
