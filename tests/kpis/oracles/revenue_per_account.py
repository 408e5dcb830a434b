"""Revenue amount by amount, over the days on which each account was a customer."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.amounts import amounts, margins
from tests.kpis.cover import Book, parts
from tests.kpis.tally import Event, Key, Tally, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return {key: revenue / customers for key, revenue, customers in averages(events, windows)}


def averages(
    events: list[Event], windows: list[Window]
) -> Iterator[tuple[Key, Fraction, Fraction]]:
    """Yield revenue and the average number of customers, wherever there were any."""
    revenue = margins(windows, amounts(events, "revenue.recognized"), [])
    known, book, tally = revenue.sums(), Book(events), Tally()
    for window in windows:
        for account in book.accounts:
            covered = sum(parts(book, account, window.start, window.end), Fraction(0))
            tally.add(account, window, covered)
    for key, customers in tally.sums().items():
        if customers and key[1:] not in revenue.unknown:
            yield key, known.get(key, Fraction(0)), customers
