"""The year so far beside the same days of the year before."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.amounts import Unsure, amounts, in_span, same_days_before, to_date
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, revenue = Unsure(), amounts(events, "revenue.recognized")
    for window in windows:
        for account, amount in in_span(revenue, to_date(window)).items():
            tally.put(account, window, amount, 0)
        for account, amount in in_span(revenue, same_days_before(window)).items():
            tally.put(account, window, None if amount is None else -amount, amount)
    return tally.ratios()
