"""Customers when a window begins, and raises that took effect in it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.cover import Book
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    book, tally, raised = Book(events), Tally(), defaultdict(set)
    for event in of_type(events, "contract.amended"):
        if Decimal(str(event["data"]["annual_value_change"])) > 0:
            day = dt.date.fromisoformat(event["data"]["effective_on"])
            raised[event["account_id"]].add(day)
    for window in windows:
        for account in book.accounts:
            if book.covered(account, window.start):
                grew = any(window.start <= day < window.end for day in raised[account])
                tally.add(account, window, int(grew))
    return tally.ratios()
