"""Touches with key contacts, over days of cover at the tier that held then."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.bonds import months, tiers, with_key_contacts
from tests.kpis.cover import Book
from tests.kpis.tally import Event, Tally, Values, around

TOLERANCE = Fraction(1, 1_000)
"""Parts of months have six digits, and short ones divide."""

TARGETS = {"A": 4, "B": 2, "C": 1}
OTHER = 2


def expected(events: list[Event], windows: list[Window]) -> Values:
    return pooled(events, windows).ratios()


def pooled(events: list[Event], windows: list[Window]) -> Tally:
    """Add up touches and the touches that each account's tier calls for."""
    book, given, tally = Book(events), tiers(events), Tally()
    for touch in with_key_contacts(events):
        for window in around(windows, touch["occurred_at"]):
            tally.add(touch["account_id"], window, 1, 0)
    for window in windows:
        for account in book.accounts:
            changes = given.get(account, [])
            for start, part in months(book, account, window, [at for at, _ in changes]):
                tally.add(account, window, 0, part * TARGETS.get(_tier(changes, start), OTHER))
    return tally


def _tier(changes: list[tuple[dt.datetime, str]], moment: dt.datetime) -> str:
    so_far = [tier for at, tier in changes if at <= moment]
    return so_far[-1] if so_far else "none"
