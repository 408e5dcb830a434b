"""Ratings heaped up by group, for everybody and for each manager; the groups then count alike."""

from __future__ import annotations

import math
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.pupils import MANAGERS
from tests.kpis.tally import Event, Key, Values, around, of_type

GRAINS = MANAGERS


def expected(events: list[Event], windows: list[Window]) -> Values:
    heaps: dict[Key, dict[str, list[Fraction]]] = defaultdict(lambda: defaultdict(list))
    raters: dict[Key, set[str]] = defaultdict(set)
    for event in of_type(events, "feedback.given"):
        data = event["data"]
        rating = _six_digits(100 * _exact(data["score"]) / _exact(data["max"]))
        for window in around(windows, event["occurred_at"]):
            for key in (
                ("manager", event["manager_id"], window.period),
                ("organisation", "organisation", window.period),
            ):
                heaps[key][data["rater_group"]].append(rating)
                raters[key].add(data["rater_id"])
    return {key: _mean_of_means(heaps[key]) for key, who in raters.items() if len(who) >= 3}


def _mean_of_means(groups: dict[str, list[Fraction]]) -> Fraction:
    means = [_six_digits(sum(ratings, Fraction(0)) / len(ratings)) for ratings in groups.values()]
    return sum(means, Fraction(0)) / len(means)


def _six_digits(number: Fraction) -> Fraction:
    """Round halves up."""
    return Fraction(math.floor(number * 10**6 + Fraction(1, 2)), 10**6)


def _exact(number: object) -> Fraction:
    return Fraction(Decimal(str(number)))
