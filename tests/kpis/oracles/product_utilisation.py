"""Used over entitled, of each product as last measured for a period, month by month."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.amounts import Amount, cut, margins
from tests.kpis.money import Rates
from tests.kpis.tally import Event, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    return margins(windows, measured(events, "used"), measured(events, "entitled")).ratios()


def measured(events: list[Event], field: str) -> list[Amount]:
    """Return one side of every measurement that still stands."""
    standing = {}
    for event in of_type(events, "usage.measured"):
        data = event["data"]
        period = data["period_start"], data["period_end"]
        standing[event["account_id"], data["product"], *period] = event
    return cut(standing.values(), field, Rates([]))
