"""Issues one at a time, over customer months one day at a time."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.cover import Book, parts
from tests.kpis.tally import Event, Tally, Values, around, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    return rates(events, windows).ratios()


def rates(events: list[Event], windows: list[Window]) -> Tally:
    """Add up issues over customer months, for each window."""
    book, tally = Book(events), Tally()
    for (account, _), at in first_openings(events).items():
        for window in around(windows, at):
            tally.add(account, window, 1, 0)
    for window in windows:
        for piece in window.pieces:
            for account in book.accounts:
                covered = parts(book, account, piece.t0.date(), piece.t1.date())
                months = sum((Fraction(piece.share) * part for part in covered), Fraction(0))
                tally.add(account, window, 0, months)
    return tally


def first_openings(events: list[Event]) -> dict[tuple[str, str], dt.datetime]:
    """Map account and issue to the moment at which it was first opened."""
    found: dict[tuple[str, str], dt.datetime] = {}
    for event in of_type(events, "issue.opened"):
        key = (event["account_id"], event["data"]["issue_id"])
        found.setdefault(key, event["occurred_at"])
    return found
