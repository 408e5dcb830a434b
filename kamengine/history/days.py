"""What was known when a day ended, wherever days began at that time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from kamengine.history.ledger import appliances
from kamengine.log.instants import micros
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.periods import Calendar

CalendarOf = Callable[[dict[str, str]], Calendar]
"""Reads the calendar in a config's files."""

MARGIN = dt.timedelta(hours=15)
"""No zone is further from UTC."""


class _Stretch(NamedTuple):
    """Events in the log that were recorded while one config held.

    Attributes:
        after: The position before the first of them.
        upto: That of the last one.
        until: When that was recorded, in UTC microseconds.
        files: The config.
    """

    after: int
    upto: int
    until: int
    files: dict[str, str]


def known_by(log: SQLiteEventLog, day: dt.date, calendar_of: CalendarOf, now: Calendar) -> int:
    """Return the last position that was known when a day ended; 0 where nothing was.

    An event was recorded on the day that it was by the calendar in force at that moment, so what
    was known on a day isn't another thing once days begin elsewhere. The first event of a later
    day closes the day: whatever is recorded after it is of a later day, too.

    Args:
        log: The log.
        day: The day.
        calendar_of: Reads the calendar in a config's files.
        now: The calendar where nothing was applied yet.
    """
    morning = dt.datetime.combine(day, dt.time(), dt.UTC)
    position = 0
    for stretch in _stretches(log):
        position = stretch.upto
        if stretch.until < micros(morning - MARGIN):
            continue
        calendar = calendar_of(stretch.files) if stretch.files else now
        known = max(log.position_at(micros(calendar.after(day))), stretch.after)
        if known < stretch.upto:
            return known
    return position


def _stretches(log: SQLiteEventLog) -> Iterator[_Stretch]:
    """Yield the log in stretches of one config; before the first, what was applied first held."""
    head = log.head()
    runs = [run for run in appliances(log) if run.files]
    first = runs[0].files or {} if runs else {}
    ends = [(0, 0, first), *((run.position, run.recorded_at, run.files or {}) for run in runs)]
    ends.append((head.position, head.recorded_at, {}))
    for (after, _, files), (upto, until, _) in pairwise(ends):
        yield _Stretch(after, upto, until, files)
