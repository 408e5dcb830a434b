"""All revenue up to a window's end, over the accounts that have had any."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.amounts import Span, Unsure, amounts, in_span
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, revenue = Unsure(), amounts(events, "revenue.recognized")
    for window in windows:
        for account, amount in in_span(revenue, Span(dt.date.min, window.end)).items():
            tally.put(account, window, amount)
    return tally.ratios()
