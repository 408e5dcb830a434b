"""The same pursuits; only their parts are told apart otherwise."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.oracles import client_acquisition_conversion
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return client_acquisition_conversion.expected(events, windows)
