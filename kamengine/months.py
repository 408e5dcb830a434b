"""Calendar months, by which days are moved and stretches of time are measured."""

from __future__ import annotations

import datetime as dt

import msgspec


def add_months(day: dt.date, months: int) -> dt.date:
    """Move a day by whole calendar months; the 31st becomes the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return dt.date(year, month, min(day.day, (following - dt.timedelta(days=1)).day))


def months_completed(start: dt.date, day: dt.date) -> int:
    """Return how many months are complete on a day; negative before the start.

    A month is complete on the day on which `add_months` arrives: 18 months after 2023-01-15 are
    complete on 2024-07-15.
    """
    months = (day.year - start.year) * 12 + day.month - start.month
    return months if add_months(start, months) <= day else months - 1


class Length(msgspec.Struct, frozen=True, kw_only=True):
    """How long a period is: whole months, or days.

    Attributes:
        months: 0 where it is counted in days.
        days: 0 where it is counted in months.
    """

    months: int = 0
    days: int = 0

    def before(self, day: dt.date) -> dt.date:
        """Return the day that lies this length ahead of another."""
        return add_months(day, -self.months) - dt.timedelta(days=self.days)

    def as_far(self, into: dt.date, start: dt.date, other: dt.date) -> dt.date:
        """Return the day that is as far from ``other`` as ``into`` is from ``start``.

        A length of months is gone through month by month: three months and ten days after the
        one are three months and ten days after the other, and never a day of a fifth month.
        """
        if not self.months:
            return other + (into - start)
        whole = (into.year - start.year) * 12 + into.month - start.month
        if add_months(start, whole) > into:
            whole -= 1
        rest = into - add_months(start, whole)
        return min(add_months(other, whole) + rest, add_months(other, whole + 1))
