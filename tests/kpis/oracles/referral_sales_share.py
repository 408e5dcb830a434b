"""Deals won, one by one: what they are worth, and whether somebody referred us."""

from __future__ import annotations

from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.tally import Event, Values, around
from tests.kpis.trade import Doubtful, won


def expected(events: list[Event], windows: list[Window]) -> Values:
    doubtful = Doubtful()
    for trade in won(events):
        referred = trade.last("referral_id") is not None
        part = trade.amount if referred or trade.amount is None else Decimal(0)
        for window in around(windows, trade.closed_at) if trade.closed_at else ():
            doubtful.add(trade.account, window, part, trade.amount or 0)
    return doubtful.known(doubtful.tally.ratios())
