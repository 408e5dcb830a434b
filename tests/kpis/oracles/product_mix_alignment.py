"""Shares of every product, actual and aimed for, and half of the distance between them."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.commerce import TARGET_MIX
from tests.kpis.tally import Event, Key, Values, around
from tests.kpis.trade import organisation, trades

TOLERANCE = Fraction(1, 10_000)
"""What there should be of a product is kept with six digits, deal by deal."""


def expected(events: list[Event], windows: list[Window]) -> Values:
    sold: dict[Key, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    unknown: set[Key] = set()
    for trade in trades(events):
        if trade.opened_at is None or trade.outcome == "lost":
            continue
        for window in around(windows, trade.opened_at):
            keys = [organisation(window)]
            if trade.account is not None:
                keys.append(("account", trade.account, window.period))
            for key in keys:
                for product, amount in trade.products.items():
                    sold[key][product] += amount or Decimal(0)
                    unknown |= {key} if amount is None else set()
    return {key: _fit(mix) for key, mix in sold.items() if key not in unknown and any(mix.values())}


def _fit(mix: dict[str, Decimal]) -> Fraction:
    whole = Fraction(sum(mix.values()))
    apart = sum(
        (
            abs(Fraction(mix.get(product, Decimal(0))) / whole - TARGET_MIX.get(product, 0))
            for product in {*mix, *TARGET_MIX}
        ),
        Fraction(0),
    )
    return 100 * (1 - apart / 2)
