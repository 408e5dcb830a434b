"""Answers one by one, and whose they are; where fewer than five people gave them, nothing."""

from __future__ import annotations

from collections import defaultdict

from kamengine.periods import Window
from tests.kpis.pupils import MANAGERS, by_manager
from tests.kpis.tally import Event, Tally, Values, around, of_type

GRAINS = MANAGERS


def expected(events: list[Event], windows: list[Window]) -> Values:
    answers = {}
    for event in of_type(events, "survey.responded"):
        answers[event["account_id"], event["data"].get("response_id") or event["id"]] = event
    tally, people = Tally(), defaultdict(set)
    for (_, answer), event in answers.items():
        data = event["data"]
        scale = [data.get("scale_min"), data.get("scale_max")]
        if data["kind"] == "esat" and scale in ([None, None], [1, 5]):
            for window in around(windows, event["occurred_at"]):
                tally.add(event["manager_id"], window, int(data["score"] >= 4))
                people[window.period].add(event["manager_id"] or f"whoever gave {answer}")
    enough = {period for period, who in people.items() if len(who) >= 5}
    values = by_manager(tally.ratios())
    return {k: v for k, v in values.items() if k[0] == "organisation" and k[2] in enough}
