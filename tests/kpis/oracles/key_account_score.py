"""Ratings one by one up to each window's end, every criterion weighing the same."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    return standing(events, windows).ratios()


def standing(events: list[Event], windows: list[Window]) -> Tally:
    """Add up, for each window, the ratings that stand at its end."""
    tally = Tally()
    for window in windows:
        latest: dict[tuple[str, str], tuple[dt.datetime, int]] = {}
        for event in of_type(events, "key_account.scored"):
            if event["occurred_at"] < window.t1:
                criterion = (event["account_id"], event["data"]["criterion"])
                rating = (event["occurred_at"], event["data"]["score"] or 0)
                latest[criterion] = max(rating, latest.get(criterion, rating))
        for (account, _), (_, score) in latest.items():
            tally.add(account, window, score, int(score > 0))
    return tally
