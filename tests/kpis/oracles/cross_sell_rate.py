"""Customers one by one on the first day of each window: did they buy something else in it?"""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.cover import Book
from tests.kpis.tally import Event, Values
from tests.kpis.trade import buyers


def expected(events: list[Event], windows: list[Window]) -> Values:
    return to_customers(events, windows, "cross_sell")


def to_customers(events: list[Event], windows: list[Window], kind: str) -> Values:
    """Return the share of each window's first day's customers who have bought a kind of deal."""
    book = Book(events)

    def customers(window: Window) -> set[str]:
        return {account for account in book.accounts if book.covered(account, window.start)}

    return buyers(events, windows, kind, customers)
