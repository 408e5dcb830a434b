"""Revenue less what the account itself cost, over revenue."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.amounts import Amount, amounts, costs, less, margins
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return margins(windows, results(events), amounts(events, "revenue.recognized")).ratios()


def results(events: list[Event]) -> list[Amount]:
    """Return what accounts brought, and what they cost with a minus."""
    spent = [c for c in costs(events, "cogs", "cost_to_serve") if c.account is not None]
    return amounts(events, "revenue.recognized") + less(spent)
