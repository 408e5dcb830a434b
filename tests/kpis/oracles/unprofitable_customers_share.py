"""Accounts with a loss in twelve months, over accounts with any result in them."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.oracles.unprofitable_customers import losses
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return losses(events, windows).ratios()
