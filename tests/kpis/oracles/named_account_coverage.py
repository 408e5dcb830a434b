"""The lists as they were when each window began, and who on them was talked with."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.talk import completed, two_way
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    merged = of_type(events, "account.merged")
    into = {event["record_id"]: event["account_id"] for event in merged}
    touches = [touch for touch in completed(events) if two_way(touch)]
    tally = Tally()
    for window in windows:
        talked = {
            touch["account_id"]
            for touch in touches
            if window.t0 <= touch["occurred_at"] < window.t1
        }
        for account in {into.get(name, name) for name in _named(events, window.t0)}:
            tally.add(account, window, int(account in talked))
    return tally.ratios()


def _named(events: list[Event], moment: dt.datetime) -> set[str]:
    lists = {
        event["data"]["list_id"]: event["data"]["account_ids"]
        for event in of_type(events, "named_list.set")
        if event["occurred_at"] <= moment
    }
    return {account for accounts in lists.values() for account in accounts}
