"""The two sides of it, each told on its own."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.oracles import executive_influence, executive_influence_engaged
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    engaged = executive_influence_engaged.expected(events, windows)
    everybody = executive_influence.expected(events, windows)
    return {key: engaged[key] / (known or 1) for key, known in everybody.items()}
