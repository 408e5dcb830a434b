"""Accounts whose twelve months up to the window's end add up to less than nothing, counted."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.amounts import Unsure, in_span, twelve_months
from tests.kpis.oracles.account_profitability import results
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return {key: value for key, value in losses(events, windows).sums().items() if value}


def losses(events: list[Event], windows: list[Window]) -> Unsure:
    """Let each account with a result count: 1 for a loss, 0 for none."""
    tally, items = Unsure(), results(events)
    for window in windows:
        for account, amount in in_span(items, twelve_months(window)).items():
            tally.put(account, window, None if amount is None else int(amount < 0))
    return tally
