"""Each pursuit, told touch by touch: was the last one in the window the last before a sale?"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values
from tests.kpis.trade import outreach, trades


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, sold = Tally(), [trade for trade in trades(events) if trade.outcome == "won"]
    touches: dict[tuple[str | None, str | None], list[Event]] = defaultdict(list)
    for who, touch in outreach(events):
        touches[who].append(touch)
    for (account, prospect), mine in touches.items():
        named = {touch["data"].get("deal_id") for touch in mine}
        wins = sorted(
            trade.closed_at
            for trade in sold
            if trade.closed_at is not None
            and trade.account == account
            and (prospect is None or trade.deal_id in named)
        )
        pursuits: dict[int, list[dt.datetime]] = defaultdict(list)
        for touch in mine:
            pursuits[sum(win < touch["occurred_at"] for win in wins)].append(touch["occurred_at"])
        for number, moments in pursuits.items():
            for window in windows:
                seen = [moment for moment in moments if window.t0 <= moment < window.t1]
                if seen:
                    led = max(seen) == max(moments) and number < len(wins)
                    tally.add(account, window, int(led))
    return tally.ratios()
