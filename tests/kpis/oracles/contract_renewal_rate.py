"""Contracts one by one, on the last day that was agreed for them."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.cover import DAY, contracts
from tests.kpis.tally import Event, Tally, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    return renewed(events, windows, rebids=True)


def renewed(events: list[Event], windows: list[Window], *, rebids: bool) -> Values:
    """Return the share of renewed contracts, with or without those renewed after a rebid."""
    tally = Tally()
    for contract in contracts(events):
        renewal, last_day = contract.renewal, contract.planned_end - DAY
        if renewal is None and contract.reason == "superseded":
            continue
        counts = renewal is not None and (rebids or not renewal["data"].get("rebid"))
        for window in windows:
            if window.start <= last_day < window.end:
                tally.add(contract.account, window, int(counts))
    return tally.ratios()
