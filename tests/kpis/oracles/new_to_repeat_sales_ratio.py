"""Each account's purchases in order of time: the first, and then the others."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.tally import Event, Values, around
from tests.kpis.trade import Doubtful, Trade, won


def expected(events: list[Event], windows: list[Window]) -> Values:
    doubtful = Doubtful()
    bought: dict[str, list[Trade]] = defaultdict(list)
    for trade in won(events):
        if trade.account is not None:
            bought[trade.account].append(trade)
    for account, purchases in bought.items():
        moments = [trade.closed_at for trade in purchases if trade.closed_at is not None]
        for trade, moment in zip(purchases, moments, strict=True):
            first = moment == min(moments)
            above = trade.amount if first or trade.amount is None else Decimal(0)
            for window in around(windows, moment):
                doubtful.add(account, window, above, 0 if first else trade.amount or 0)
    return doubtful.known(doubtful.tally.ratios())
