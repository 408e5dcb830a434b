"""Amounts one by one, cut at each month's end in proportion to the days gone by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.money import Rates, rounded
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    rates, tally, unknown = Rates(events), Tally(), set()
    for event in of_type(events, "revenue.recognized"):
        data, account = event["data"], event["account_id"]
        start, end = (dt.date.fromisoformat(data[f]) for f in ("period_start", "period_end"))
        amount = rates.convert(data["amount"], data.get("currency"), event["occurred_at"])
        for day, part in monthly(amount or Decimal(0), start, end):
            for window in windows:
                if window.start <= day < window.end:
                    tally.add(account, window, part)
                    if amount is None:
                        unknown |= {(account, window.period), ("organisation", window.period)}
    return {key: value for key, value in tally.sums().items() if key[1:] not in unknown}


def monthly(amount: Decimal, start: dt.date, end: dt.date) -> Iterator[tuple[dt.date, Decimal]]:
    """Cut an amount at each month's end: the first day of each piece, and what it gets."""
    day, given = start, Decimal(0)
    while day < end:
        following = min(end, (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1))
        so_far = rounded(amount * (following - start).days / (end - start).days)
        yield day, so_far - given
        day, given = following, so_far
