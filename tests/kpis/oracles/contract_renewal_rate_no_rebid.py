"""The same contracts, less those that had to be bid for again."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.oracles.contract_renewal_rate import renewed
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return renewed(events, windows, rebids=False)
