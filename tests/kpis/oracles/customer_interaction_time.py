"""Minutes one touch at a time, over customer months one day at a time."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.cover import Book, parts
from tests.kpis.talk import completed
from tests.kpis.tally import Event, Tally, Values, around


def expected(events: list[Event], windows: list[Window]) -> Values:
    book, tally = Book(events), Tally()
    for touch in completed(events):
        minutes = touch["data"].get("minutes")
        if touch["account_id"] is not None and minutes is not None:
            for window in around(windows, touch["occurred_at"]):
                tally.add(touch["account_id"], window, minutes, 0)
    for window in windows:
        for piece in window.pieces:
            for account in book.accounts:
                covered = parts(book, account, piece.t0.date(), piece.t1.date())
                months = sum((Fraction(piece.share) * part for part in covered), Fraction(0))
                tally.add(account, window, 0, 60 * months)
    return tally.ratios()
