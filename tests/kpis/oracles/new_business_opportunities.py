"""Deals one by one, as first opened: are they about something new?"""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around
from tests.kpis.trade import trades

NEW = {"new_stream", "reactivation", "cross_sell"}


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for trade in trades(events):
        if trade.account is not None and trade.opened_at is not None and trade.last("kind") in NEW:
            for window in around(windows, trade.opened_at):
                tally.add(trade.account, window, 1)
    return tally.sums()
