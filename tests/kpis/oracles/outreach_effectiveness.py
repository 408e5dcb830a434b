"""The first message of each thread, and each that has none: what came back in two weeks."""

from __future__ import annotations

import datetime as dt
from typing import TypeAlias

from kamengine.periods import Window
from tests.kpis.talk import completed
from tests.kpis.tally import Event, Tally, Values, around

PATIENCE = dt.timedelta(days=14)
WRITTEN = {"email", "chat", "other"}

_Thread: TypeAlias = tuple[str | None, tuple[str, str]]


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, as_of = Tally(), max(window.t1 for window in windows)
    threads: dict[_Thread, list[Event]] = {}
    for touch in sorted(completed(events), key=_order):
        threads.setdefault(_thread(touch), []).append(touch)
    for (_, thread), exchange in threads.items():
        for sent in exchange[:1] if thread[0] == "thread" else exchange:
            data = sent["data"]
            until = sent["occurred_at"] + PATIENCE
            if data.get("direction") != "outbound" or data["channel"] not in WRITTEN:
                continue
            for window in around(windows, sent["occurred_at"]) if until <= as_of else ():
                tally.add(sent["account_id"], window, int(_answered(sent, exchange, until)))
    return tally.ratios()


def _answered(sent: Event, exchange: list[Event], until: dt.datetime) -> bool:
    replied_at = sent["data"].get("replied_at")
    if replied_at is not None and dt.datetime.fromisoformat(replied_at) <= until:
        return True
    replies = [t for t in exchange if t["data"].get("direction") == "inbound"]
    return any(reply["occurred_at"] <= until for reply in replies)


def _thread(touch: Event) -> _Thread:
    """Name the thread of a touch; a touch without one is a thread of its own."""
    thread = touch["data"].get("thread_id")
    alone = ("touch", touch["id"])
    return touch["account_id"], alone if thread is None else ("thread", thread)


def _order(touch: Event) -> tuple[dt.datetime, str]:
    return touch["occurred_at"], touch["data"].get("touch_id") or touch["id"]
