"""What was posted as net income, month by month."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.amounts import Amount, amounts, margins
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return margins(windows, income(events), []).sums()


def income(events: list[Event]) -> list[Amount]:
    """Return the postings to the line of net income."""
    posted = amounts(events, "pnl.posted")
    return [p for p in posted if p.event["data"]["line"] == "net_income"]
