"""Both rates told month by month, and how far one is from the other."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.oracles import support_case_rate, support_case_rate_before
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    now = support_case_rate.expected(events, windows)
    before = support_case_rate_before.expected(events, windows)
    return {key: (rate - before[key]) / before[key] for key, rate in now.items() if before.get(key)}
