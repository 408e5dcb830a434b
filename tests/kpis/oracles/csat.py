"""Answers one by one: fours and fives of all that are on the scale from 1 to 5."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    answers = {}
    for event in of_type(events, "survey.responded"):
        answers[event["account_id"], event["data"].get("response_id") or event["id"]] = event
    for event in answers.values():
        data = event["data"]
        scale = [data.get("scale_min"), data.get("scale_max")]
        if data["kind"] == "csat" and scale in ([None, None], [1, 5]):
            for window in around(windows, event["occurred_at"]):
                tally.add(event["account_id"], window, int(data["score"] >= 4))
    return tally.ratios()
