"""What oracles share: things that wait for an answer, told as stories."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable
from fractions import Fraction

import msgspec

from kamengine.periods import Window
from tests.kpis.tally import Event, Key, Values, around, of_type

MICROSECOND = dt.timedelta(microseconds=1)
MINUTE, HOUR = 60_000_000, 3_600_000_000


class Story(msgspec.Struct, kw_only=True):
    """Something that asks for an answer, and when it first got one."""

    account: str
    asked_at: dt.datetime
    answered_at: dt.datetime | None = None


def answered(events: list[Event], asked: str, answer: str, key: str) -> list[Story]:
    """Read the stories out of the events: each from its first telling to its first answer."""
    stories: dict[tuple[str, str], Story] = {}
    for event in of_type(events, asked):
        story = Story(account=event["account_id"], asked_at=event["occurred_at"])
        stories.setdefault((event["account_id"], event["data"][key]), story)
    for event in of_type(events, answer):
        told = stories.get((event["account_id"], event["data"][key]))
        if told is not None and told.answered_at is None:
            told.answered_at = event["occurred_at"]
    return list(stories.values())


def mean_by_window(stories: Iterable[Story], windows: list[Window], unit: Fraction) -> Values:
    """Return the mean wait of the stories that begin in each window."""
    return _by_window(stories, windows, unit, lambda waits: sum(waits, Fraction(0)) / len(waits))


def median_by_window(stories: Iterable[Story], windows: list[Window], unit: Fraction) -> Values:
    """Return the median wait of the stories that begin in each window."""
    return _by_window(stories, windows, unit, statistics.median)


def _by_window(
    stories: Iterable[Story],
    windows: list[Window],
    unit: Fraction,
    summed_up: Callable[[list[Fraction]], Fraction],
) -> Values:
    waits: dict[Key, list[Fraction]] = defaultdict(list)
    for story in stories:
        if story.answered_at is not None:
            wait = (story.answered_at - story.asked_at) // MICROSECOND / unit
            for window in around(windows, story.asked_at):
                waits["account", story.account, window.period].append(wait)
                waits["organisation", "organisation", window.period].append(wait)
    # an answer before the question spoils the value that it would be part of
    return {key: summed_up(found) for key, found in waits.items() if min(found) >= 0}
