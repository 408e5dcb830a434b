"""For each window, the names of all to whom we turned."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around
from tests.kpis.trade import outreach


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, touches = Tally(), outreach(events)
    for window in windows:
        met = {who for who, touch in touches if around([window], touch["occurred_at"])}
        for account, _ in met:
            tally.add(account, window, 1)
    return tally.sums()
