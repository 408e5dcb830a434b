"""Answers one by one: of each contact the last in the window, promoters less detractors."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    answers = {}
    for event in of_type(events, "survey.responded"):
        answers[event["account_id"], event["data"].get("response_id") or event["id"]] = event
    for window in windows:
        last: dict[tuple[str | None, str], tuple[dt.datetime, int]] = {}
        for (account, answer), event in answers.items():
            if event["data"]["kind"] != "nps" or not window.t0 <= event["occurred_at"] < window.t1:
                continue
            contact = event["data"].get("contact_id")
            who = (account, f"contact {contact}" if contact else f"answer {answer}")
            said = (event["occurred_at"], _points(event["data"]["score"]))
            last[who] = max(said, last.get(who, said))
        for (account, _), (_, points) in last.items():
            tally.add(account, window, points)
    return tally.ratios()


def _points(score: int) -> int:
    if score in (9, 10):
        return 100
    return 0 if score in (7, 8) else -100
