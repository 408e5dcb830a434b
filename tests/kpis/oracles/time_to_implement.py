"""Days from signing to first going live, averaged over what goes live in a window."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.oracles.contracts_signed import signings
from tests.kpis.tally import Event, Tally, Values, around, of_type

MICROSECOND = dt.timedelta(microseconds=1)
MICROSECONDS_A_DAY = 86_400_000_000


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, live = Tally(), went_live(events)
    for signing in signings(events):
        at = live.get((signing.account, signing.contract_id))
        if at is not None and at >= signing.signed_at:
            for window in around(windows, at):
                tally.add(signing.account, window, in_days(at - signing.signed_at))
    return tally.ratios()


def went_live(events: list[Event]) -> dict[tuple[str, str], dt.datetime]:
    """Read when each contract was first said to be up and running."""
    found: dict[tuple[str, str], dt.datetime] = {}
    for event in of_type(events, "onboarding.completed"):
        found.setdefault((event["account_id"], event["data"]["contract_id"]), event["occurred_at"])
    return found


def in_days(length: dt.timedelta) -> Fraction:
    """Return a length of time in days, exactly."""
    return Fraction(length // MICROSECOND, MICROSECONDS_A_DAY)
