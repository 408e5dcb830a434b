"""What oracles share: exchange rates, looked up in the raw events."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from tests.kpis.tally import Event, of_type

REPORTING = "USD"
SIX_DIGITS = Decimal("0.000001")


class Rates:
    """Converts amounts at the rate that held at a moment."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._set_at: dict[str, list[dt.datetime]] = defaultdict(list)
        self._rates: dict[str, list[Decimal]] = defaultdict(list)
        for event in of_type(events, "fx.rate_set"):
            data = event["data"]
            if data["to_currency"] == REPORTING:
                self._set_at[data["from_currency"]].append(event["occurred_at"])
                self._rates[data["from_currency"]].append(Decimal(str(data["rate"])))

    def convert(self, amount: object, currency: str | None, at: dt.datetime) -> Decimal | None:
        """Return an amount in the reporting currency; None where no rate was set by then."""
        rate = Decimal(1)
        if currency not in (None, REPORTING):
            place = bisect_right(self._set_at[str(currency)], at)
            if place == 0:
                return None
            rate = self._rates[str(currency)][place - 1]
        return rounded(Decimal(str(amount)) * rate)


def rounded(amount: Decimal) -> Decimal:
    """Round to six digits, halves away from zero."""
    return amount.quantize(SIX_DIGITS, ROUND_HALF_UP)
