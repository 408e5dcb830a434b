"""Deals of those who carry a quota, over their quotas, counted by the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.bonds import last_employment
from tests.kpis.commerce import QUOTAS
from tests.kpis.money import rounded
from tests.kpis.tally import Event, Values, around
from tests.kpis.trade import organisation, won

SECOND = dt.timedelta(microseconds=1)


def expected(events: list[Event], windows: list[Window]) -> Values:
    sold = [t for t in won(events) if t.manager is not None and QUOTAS.get(t.manager) != 0]
    found = {}
    for window in windows:
        mine = [t for t in sold if t.closed_at is not None and around([window], t.closed_at)]
        if any(t.amount is None or t.manager not in QUOTAS for t in mine):
            continue
        quota = sum(_quotas(events, window), Fraction(0))
        if quota:
            booked = sum((Fraction(t.amount or 0) for t in mine), Fraction(0))
            found[organisation(window)] = booked / quota
    return found


def _quotas(events: list[Event], window: Window) -> Iterator[Fraction]:
    """Yield each manager's quota for each month of a window, as far as they were employed."""
    for manager, (day, left_at) in last_employment(events).items():
        hired_at = dt.datetime.combine(day, dt.time(), dt.UTC)
        for piece in window.pieces:
            start = max(hired_at, piece.t0)
            end = min(left_at or piece.t1, piece.t1)
            if start < end:
                length = (piece.t1 - piece.t0) // SECOND
                upto, before = (
                    rounded(Decimal(piece.share) * ((moment - piece.t0) // SECOND) / length)
                    for moment in (end, start)
                )
                yield Fraction(rounded(QUOTAS.get(manager, Decimal(0)) * (upto - before)))
