"""Revenue less what the account itself cost."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.amounts import margins
from tests.kpis.oracles.account_profitability import results
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return margins(windows, results(events), []).sums()
