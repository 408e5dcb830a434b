"""Contracts when they were first stated, unless they are renewals."""

from __future__ import annotations

import datetime as dt

import msgspec

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around, of_type


class Signing(msgspec.Struct, kw_only=True):
    """A contract, when it was first stated, and whether it renews another."""

    account: str
    contract_id: str
    signed_at: dt.datetime
    renewal: bool = False


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for signing in signings(events):
        if not signing.renewal:
            for window in around(windows, signing.signed_at):
                tally.add(signing.account, window, 1)
    return tally.sums()


def signings(events: list[Event]) -> list[Signing]:
    """Read when each contract was first stated."""
    found: dict[tuple[str, str], Signing] = {}
    for event in of_type(events, "contract.signed", "contract.renewed"):
        account, contract = event["account_id"], event["data"]["contract_id"]
        made = Signing(account=account, contract_id=contract, signed_at=event["occurred_at"])
        kept = found.setdefault((account, contract), made)
        kept.renewal |= event["type"] == "contract.renewed"
    return list(found.values())
