"""Net income over revenue, of the organisation, where both are known."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.oracles import net_income, sales_revenue
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    revenue = sales_revenue.expected(events, windows)
    income = net_income.expected(events, windows)
    return {key: left / revenue[key] for key, left in income.items() if revenue.get(key)}
