"""For each customer at a window's end, replay what was said about it until then."""

from __future__ import annotations

from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.cover import Book
from tests.kpis.talk import active_at_end
from tests.kpis.tally import Event, Tally, Values, of_type
from tests.kpis.trade import Trade, trades

LIKELY = Decimal("0.5")
EXPANSION = {"upsell", "cross_sell"}


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, scored = Tally(), of_type(events, "propensity.scored")
    deals = [trade for trade in trades(events) if trade.last("kind") in EXPANSION]
    for account, window in active_at_end(Book(events), windows):
        said: dict[str, Decimal] = {}
        for event in scored:
            if event["account_id"] == account and event["occurred_at"] < window.t1:
                said[event["data"]["kind"]] = Decimal(str(event["data"]["probability"]))
        chances = [said.get(kind, Decimal(0)) for kind in EXPANSION]
        chances += [_chance(trade, window) for trade in deals if trade.account == account]
        tally.add(account, window, int(max(chances) >= LIKELY))
    return tally.ratios()


def _chance(trade: Trade, window: Window) -> Decimal:
    """How probable a deal is at a window's end, as last said: not at all once it is closed."""
    if trade.closed_at is not None and trade.closed_at < window.t1:
        return Decimal(0)
    said = [
        Decimal(str(step["data"]["probability"]))
        for step in trade.steps
        if step["data"].get("probability") is not None and step["occurred_at"] < window.t1
    ]
    return said[-1] if said else Decimal(0)
