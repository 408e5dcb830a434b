"""Issues told as stories up to each window's end: whoever is unsolved then has waited so long."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, of_type

HOUR = 3_600_000_000


def expected(events: list[Event], windows: list[Window]) -> Values:
    told = of_type(events, "issue.opened", "issue.resolved", "issue.reopened")
    tally = Tally()
    for window in windows:
        opened: dict[tuple[str, str], dt.datetime] = {}
        solved: dict[tuple[str, str], bool] = {}
        for event in told:
            issue = (event["account_id"], event["data"]["issue_id"])
            if event["occurred_at"] >= window.t1:
                break
            if event["type"] == "issue.opened":
                opened.setdefault(issue, event["occurred_at"])
            else:
                solved[issue] = event["type"] == "issue.resolved"
        for issue, at in opened.items():
            if not solved.get(issue, False):
                age = (window.t1 - at) // dt.timedelta(microseconds=1)
                tally.add(issue[0], window, Fraction(age, HOUR))
    return tally.ratios()
