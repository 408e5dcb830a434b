"""Acquisition cost over accounts whose first contract was signed, of the organisation."""

from __future__ import annotations

import msgspec

from kamengine.periods import Window
from tests.kpis.amounts import costs, margins
from tests.kpis.oracles.contracts_signed import signings
from tests.kpis.tally import Event, Values, around


def expected(events: list[Event], windows: list[Window]) -> Values:
    spent = [msgspec.structs.replace(c, account=None) for c in costs(events, "acquisition")]
    tally = margins(windows, spent, [])
    seen = set()
    for signing in sorted(signings(events), key=lambda s: (s.signed_at, s.contract_id)):
        if signing.account not in seen and not signing.renewal:
            for window in around(windows, signing.signed_at):
                tally.put(None, window, 0, 1)
        seen.add(signing.account)
    return tally.ratios()
