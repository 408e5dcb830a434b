"""Net income over revenue, of the organisation."""

from __future__ import annotations

import msgspec

from kamengine.periods import Window
from tests.kpis.amounts import amounts, margins
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    posted = amounts(events, "pnl.posted")
    income = [p for p in posted if p.event["data"]["line"] == "net_income"]
    revenue = amounts(events, "revenue.recognized")
    nobodys = [msgspec.structs.replace(item, account=None) for item in revenue]
    return margins(windows, income, nobodys).ratios()
