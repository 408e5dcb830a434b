"""What oracles share: deals, read from the raw events."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from fractions import Fraction

import msgspec

from kamengine.periods import Window
from tests.kpis.tally import Event, Key, Values, around, of_type

MICROSECOND = dt.timedelta(microseconds=1)
MICROSECONDS_A_DAY = 86_400_000_000


class Deal(msgspec.Struct, kw_only=True):
    """A deal: first opened, last closed."""

    account: str | None
    deal_id: str
    opened_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    outcome: str | None = None


def deals(events: list[Event]) -> list[Deal]:
    """Read the deals out of the events."""
    told = of_type(events, "deal.opened", "deal.stage_changed", "deal.closed")
    named: dict[str, str] = {}
    for event in told:
        if event["account_id"] is not None:
            named[event["data"]["deal_id"]] = event["account_id"]
    found: dict[tuple[str | None, str], Deal] = {}
    for event in told:
        deal_id = event["data"]["deal_id"]
        account = event["account_id"] or named.get(deal_id)
        deal = found.setdefault((account, deal_id), Deal(account=account, deal_id=deal_id))
        if event["type"] == "deal.opened":
            deal.opened_at = deal.opened_at or event["occurred_at"]
        elif event["type"] == "deal.closed":
            deal.closed_at, deal.outcome = event["occurred_at"], event["data"]["outcome"]
    return list(found.values())


def lengths(events: list[Event], windows: list[Window]) -> dict[Key, list[Fraction]]:
    """Return the days that each won deal took, by subject and window of its winning."""
    found: dict[Key, list[Fraction]] = defaultdict(list)
    for deal in deals(events):
        if deal.outcome != "won" or deal.closed_at is None or deal.opened_at is None:
            continue
        if deal.opened_at > deal.closed_at:
            continue
        days = Fraction((deal.closed_at - deal.opened_at) // MICROSECOND, MICROSECONDS_A_DAY)
        for window in around(windows, deal.closed_at):
            found["organisation", "organisation", window.period].append(days)
            if deal.account is not None:
                found["account", deal.account, window.period].append(days)
    return found


def quantiles(events: list[Event], windows: list[Window], q: Fraction) -> Values:
    """Return the length that a share ``q`` of the others doesn't reach, between two neighbours."""
    found = {}
    for key, days in lengths(events, windows).items():
        ordered, place = sorted(days), q * (len(days) - 1)
        below = ordered[int(place)]
        above = ordered[min(int(place) + 1, len(days) - 1)]
        found[key] = below + (place - int(place)) * (above - below)
    return found
