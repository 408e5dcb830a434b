"""Account by account: revenue now beside revenue before, of those who had any before."""

from __future__ import annotations

from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.amounts import Unsure, amounts, days, in_span, previous
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, revenue = Unsure(), amounts(events, "revenue.recognized")
    for window in windows:
        now = in_span(revenue, days(window))
        for account, before in in_span(revenue, previous(window)).items():
            after = now.get(account, Decimal(0))
            if before is None or after is None:
                if before is None or before > 0:
                    tally.put(account, window, None)
            elif before > 0:
                tally.put(account, window, after - before, before)
    return tally.ratios()
