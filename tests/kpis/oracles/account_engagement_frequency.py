"""Touches with key contacts one at a time, over customer months one day at a time."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.bonds import with_key_contacts
from tests.kpis.cover import Book, parts
from tests.kpis.tally import Event, Tally, Values, around


def expected(events: list[Event], windows: list[Window]) -> Values:
    book, tally = Book(events), Tally()
    for touch in with_key_contacts(events):
        for window in around(windows, touch["occurred_at"]):
            tally.add(touch["account_id"], window, 1, 0)
    for window in windows:
        for piece in window.pieces:
            for account in book.accounts:
                covered = parts(book, account, piece.t0.date(), piece.t1.date())
                tally.add(
                    account,
                    window,
                    0,
                    sum((Fraction(piece.share) * p for p in covered), Fraction()),
                )
    return tally.ratios()
