"""Issues told as stories: opened, solved, perhaps reopened and solved again."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.tally import Event, Key, Values, around, of_type

MICROSECOND = dt.timedelta(microseconds=1)
HOUR = 3_600_000_000


def expected(events: list[Event], windows: list[Window]) -> Values:
    return {
        key: sum(hours, Fraction(0)) / len(hours) for key, hours in waits(events, windows).items()
    }


def quantiles(events: list[Event], windows: list[Window], q: Fraction) -> Values:
    """Return what lies a share ``q`` of the way up the waits in order, between two neighbours."""
    found = {}
    for key, hours in waits(events, windows).items():
        ordered, steps = sorted(hours), q * (len(hours) - 1)
        lower = int(steps)
        upper = min(lower + 1, len(ordered) - 1)
        found[key] = ordered[lower] + (steps - lower) * (ordered[upper] - ordered[lower])
    return found


def waits(events: list[Event], windows: list[Window]) -> dict[Key, list[Fraction]]:
    """Return the hours that each solved issue took, by subject and window of its solution."""
    opened: dict[tuple[str, str], dt.datetime] = {}
    solved: dict[tuple[str, str], dt.datetime] = {}
    for event in of_type(events, "issue.opened", "issue.resolved", "issue.reopened"):
        issue = (event["account_id"], event["data"]["issue_id"])
        if event["type"] == "issue.opened":
            opened.setdefault(issue, event["occurred_at"])
        elif event["type"] == "issue.resolved":
            solved[issue] = event["occurred_at"]
        else:
            solved.pop(issue, None)
    found: dict[Key, list[Fraction]] = defaultdict(list)
    for (account, issue_id), at in solved.items():
        took = Fraction((at - opened[account, issue_id]) // MICROSECOND, HOUR)
        for window in around(windows, at):
            found["account", account, window.period].append(took)
            found["organisation", "organisation", window.period].append(took)
    return found
