"""Assessments of one skill laid end to end, day by day: each step is told with the one before."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from kamengine.periods import Window
from tests.kpis.pupils import MANAGERS, by_manager
from tests.kpis.tally import Event, Tally, Values, around, of_type

YEAR = dt.timedelta(days=365)
GRAINS = MANAGERS


def expected(events: list[Event], windows: list[Window]) -> Values:
    days: dict[tuple[str, str, str], dict[dt.date, Event]] = {}
    for event in of_type(events, "assessment.completed"):
        data = event["data"]
        skill = (event["manager_id"], data["instrument"], data["competency"])
        days.setdefault(skill, {})[event["occurred_at"].date()] = event
    tally = Tally()
    for (manager, _, _), assessed in days.items():
        for before, after in pairwise(assessed.values()):
            if was := _points(before):
                took = after["occurred_at"] - before["occurred_at"]
                years = Fraction(took // dt.timedelta(seconds=1), YEAR // dt.timedelta(seconds=1))
                for window in around(windows, after["occurred_at"]):
                    tally.add(manager, window, _points(after) - was, was * years)
    return by_manager(tally.ratios())


def _points(event: Event) -> Fraction:
    score, most = (Fraction(Decimal(str(event["data"][name]))) for name in ("score", "max"))
    return round(100 * score / most, 6)
