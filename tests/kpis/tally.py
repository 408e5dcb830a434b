"""What oracles share: raw events, and pooling by account and over the organisation."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeAlias

from kamengine.periods import Window

Event: TypeAlias = dict[str, Any]
"""As appended, with ``occurred_at`` as an aware datetime and decimals as `Decimal`."""

Key: TypeAlias = tuple[str, str, str]
"""Subject type, subject, period."""

Values: TypeAlias = dict[Key, Fraction]


class Tally:
    """Adds up numerators and denominators for accounts and for the organisation."""

    def __init__(self) -> None:
        self._sums: dict[Key, list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])

    def add(
        self,
        account: str | None,
        window: Window,
        numerator: Decimal | Fraction | int,
        denominator: Decimal | Fraction | int = 1,
    ) -> None:
        """Let a pair count for an account (None: for none) and for the organisation."""
        keys = [("organisation", "organisation", window.period)]
        if account is not None:
            keys.append(("account", account, window.period))
        for key in keys:
            self._sums[key][0] += Fraction(numerator)
            self._sums[key][1] += Fraction(denominator)

    def ratios(self) -> Values:
        """Return numerator over denominator, wherever there is something to divide by."""
        return {key: above / below for key, (above, below) in self._sums.items() if below}

    def sums(self) -> Values:
        """Return the numerators."""
        return {key: above for key, (above, _) in self._sums.items()}


def of_type(events: Iterable[Event], *types: str) -> list[Event]:
    """Return the events of some types in the order in which they happened."""
    chosen = [event for event in events if event["type"] in types]
    return sorted(chosen, key=lambda event: (event["occurred_at"], event["id"]))


def around(windows: Iterable[Window], moment: dt.datetime) -> list[Window]:
    """Return the windows that contain a moment."""
    return [window for window in windows if window.t0 <= moment < window.t1]
