"""Who bought in a window, and whether that was the first time."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for account, bought in purchases(events).items():
        for window in windows:
            if any(window.start <= day < window.end for day in bought):
                by_then = [day for day in bought if day < window.end]
                tally.add(account, window, int(len(by_then) >= 2))
    return tally.ratios()


def purchases(events: list[Event]) -> dict[str, list[dt.date]]:
    """Return the days of each account's purchases: the first day of each order."""
    orders: dict[str, dict[tuple[str, str], dt.date]] = defaultdict(dict)
    for event in of_type(events, "revenue.recognized"):
        data = event["data"]
        if Decimal(str(data["amount"])) > 0:
            named = data.get("order_id")
            key = ("order", named) if named else ("event", event["id"])
            day = dt.date.fromisoformat(data["period_start"])
            mine = orders[event["account_id"]]
            mine[key] = min(day, mine.get(key, day))
    return {account: list(days.values()) for account, days in orders.items()}
