"""Mentions one by one, as last classified."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around, of_type

POINTS = {"positive": 100, "neutral": 0, "negative": -100}


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    told = of_type(events, "mention.captured")
    for event in {(e["account_id"], e["data"]["mention_id"]): e for e in told}.values():
        for window in around(windows, event["occurred_at"]):
            tally.add(event["account_id"], window, POINTS[event["data"]["sentiment"]])
    return tally.ratios()
