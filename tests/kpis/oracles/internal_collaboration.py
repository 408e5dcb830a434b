"""What each colleague last said of each manager in a window, where three or more did."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, of_type

TOLERANCE = Fraction(1, 1_000_000)
"""A rating that doesn't come out even has six digits."""


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for window in windows:
        last: dict[tuple[str, str], tuple[dt.datetime, Fraction]] = {}
        for event in of_type(events, "collaboration.rated"):
            if window.t0 <= event["occurred_at"] < window.t1:
                who = event["manager_id"], event["data"]["rater_id"]
                said = event["occurred_at"], _points(event["data"])
                last[who] = max(said, last.get(who, said))
        if len(last) >= 3:
            for _, points in last.values():
                tally.add(None, window, points)
    return tally.ratios()


def _points(data: Event) -> Fraction:
    return 100 * Fraction(data["score"] - 1) / Fraction(data["scale_max"] - 1)
