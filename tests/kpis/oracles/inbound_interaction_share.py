"""Who wrote the first message of each thread, and who made each call that has none."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.talk import completed
from tests.kpis.tally import Event, Tally, Values, around


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, begun = Tally(), set()
    for touch in sorted(completed(events), key=_order):
        account, data = touch["account_id"], touch["data"]
        if account is None:
            continue
        thread = data.get("thread_id")
        if thread is not None:
            if (account, thread) in begun:
                continue
            begun.add((account, thread))
        if data.get("direction") is not None:
            for window in around(windows, touch["occurred_at"]):
                tally.add(account, window, int(data["direction"] == "inbound"))
    return tally.ratios()


def _order(touch: Event) -> tuple[dt.datetime, str]:
    return touch["occurred_at"], touch["data"].get("touch_id") or touch["id"]
