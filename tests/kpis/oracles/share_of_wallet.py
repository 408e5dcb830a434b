"""For each account, category and month: the last estimate, and our revenue beside it."""

from __future__ import annotations

import datetime as dt
from typing import TypeAlias

from kamengine.periods import Window
from tests.kpis.amounts import Amount, amounts, margins
from tests.kpis.tally import Event, Values

_Cell: TypeAlias = tuple[str | None, str, dt.date]


def expected(events: list[Event], windows: list[Window]) -> Values:
    standing: dict[_Cell, Amount] = {}
    for estimate in amounts(events, "wallet.estimated", "total_spend"):
        standing[_cell(estimate, "category")] = estimate
    earned = [
        amount
        for amount in amounts(events, "revenue.recognized")
        if amount.event["data"].get("product") and _cell(amount, "product") in standing
    ]
    return margins(windows, earned, list(standing.values())).ratios()


def _cell(item: Amount, label: str) -> _Cell:
    return item.account, item.event["data"][label], item.day.replace(day=1)
