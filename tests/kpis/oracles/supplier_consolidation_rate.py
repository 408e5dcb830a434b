"""Two looks at each window: how many suppliers there were when it began, and when it ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    counts = of_type(events, "supplier.counted")
    words = of_type(events, "supplier.status_changed")
    tally = Tally()
    for window in windows:
        before, after = (_last(counts, at, "count") for at in (window.t0, window.t1))
        status = _last(words, window.t1, "status")
        for key, suppliers in before.items():
            if suppliers and status.get(key, "none") != "none":
                tally.add(key[0], window, suppliers - after[key], suppliers)
    return tally.ratios()


def _last(told: list[Event], at: dt.datetime, field: str) -> dict[tuple[str, str], Any]:
    """Return what was last said by a moment, by account and category."""
    return {
        (event["account_id"], event["data"]["category"]): event["data"][field]
        for event in told
        if event["occurred_at"] <= at
    }
