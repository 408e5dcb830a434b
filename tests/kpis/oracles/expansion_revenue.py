"""Deals one by one, each for all that it is worth: the products must add up to that."""

from __future__ import annotations

from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.tally import Event, Values, around
from tests.kpis.trade import Doubtful, won


def expected(events: list[Event], windows: list[Window]) -> Values:
    doubtful = Doubtful()
    for trade in won(events):
        if trade.last("kind") not in {"upsell", "cross_sell"} or trade.closed_at is None:
            continue
        unpriced = None in trade.products.values()
        amount: Decimal | None = None if unpriced else trade.amount
        for window in around(windows, trade.closed_at):
            doubtful.add(trade.account, window, amount, 1)
    return doubtful.known(doubtful.tally.sums())
