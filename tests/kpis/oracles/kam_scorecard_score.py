"""Families weighed day by day: of every day of every manager who answers, the weights they have."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis import programme
from tests.kpis.tally import Event, Values

TOLERANCE = Fraction(1, 1_000_000)
BANDS = {0: (60, 20, 20), 1: (40, 30, 30), 2: (30, 40, 30)}
DAY = dt.timedelta(days=1)


def expected(events: list[Event], windows: list[Window]) -> Values:
    attained = programme.attainments(events, windows)
    staff = programme.Staff(events)
    known = {window.period: window for window in windows}
    found: Values = {}
    for key in programme.keys(attained):
        subject_type, subject, period = key
        weights = _weights(staff, subject_type, subject, known[period])
        means = [programme.mean(attained, kpis, key) for kpis in programme.FAMILIES.values()]
        pairs = [(w, m) for w, m in zip(weights, means, strict=True) if m is not None]
        if weights[0] and pairs:
            above = sum((weight * mean for weight, mean in pairs), Fraction(0))
            found[key] = 100 * above / sum(weight for weight, _ in pairs)
    return found


def _weights(
    staff: programme.Staff, subject_type: str, subject: str, window: Window
) -> tuple[int, ...]:
    days: Counter[int] = Counter()
    day = window.start
    while day < window.end:
        for manager in staff.serving(subject_type, subject, day):
            if manager not in staff.hired:
                return (0, 0, 0)
            days[_band(staff.hired[manager], day)] += 1
        day += DAY
    return tuple(sum(n * BANDS[band][family] for band, n in days.items()) for family in range(3))


def _band(hired: dt.date, day: dt.date) -> int:
    """Count the monthly returns of the day of hiring, each at its month's end at the latest."""
    months = 0
    while _anniversary(hired, months + 1) <= day:
        months += 1
    return min(2, months // 18)


def _anniversary(hired: dt.date, months: int) -> dt.date:
    year, month = divmod(hired.year * 12 + hired.month - 1 + months, 12)
    for day in (hired.day, 30, 29):
        try:
            return dt.date(year, month + 1, day)
        except ValueError:
            continue
    return dt.date(year, month + 1, 28)
