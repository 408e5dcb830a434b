"""The twelve months before each window, one after the other: issues over customer months."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.cover import Book, parts
from tests.kpis.oracles.support_case_rate import first_openings
from tests.kpis.tally import Event, Tally, Values

YEAR = 12


def expected(events: list[Event], windows: list[Window]) -> Values:
    return history(events, windows).ratios()


def history(events: list[Event], windows: list[Window]) -> Tally:
    """Add up issues over customer months in the year before each window."""
    book, tally = Book(events), Tally()
    opened = Counter((a, _month(at.date())) for (a, _), at in first_openings(events).items())
    active: dict[tuple[str, int], Fraction] = {}
    for window in windows:
        start = _month(window.start)
        for account in book.accounts:
            before = [(account, month) for month in range(start - YEAR, start)]
            for key in before:
                if key not in active:
                    covered = parts(book, account, _day(key[1]), _day(key[1] + 1))
                    active[key] = sum(covered, Fraction(0))
            months = sum(active[key] for key in before)
            if months:
                tally.add(account, window, sum(opened[key] for key in before), months)
    return tally


def _month(day: dt.date) -> int:
    return day.year * YEAR + day.month - 1


def _day(month: int) -> dt.date:
    return dt.date(month // YEAR, month % YEAR + 1, 1)
