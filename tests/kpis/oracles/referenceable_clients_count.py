"""The upper side of the share."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.oracles.referenceable_clients import counted
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return counted(events, windows).sums()
