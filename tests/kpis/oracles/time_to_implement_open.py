"""Contracts, looked at when each window ends: signed, not over, and not live."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.cover import contracts_by_id
from tests.kpis.oracles.contracts_signed import signings
from tests.kpis.oracles.time_to_implement import in_days, went_live
from tests.kpis.tally import Event, Tally, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, live, terms = Tally(), went_live(events), contracts_by_id(events)
    for signing in signings(events):
        key = (signing.account, signing.contract_id)
        ends_at = dt.datetime.combine(terms[key].ends, dt.time(), dt.UTC)
        for window in windows:
            waiting = key not in live or live[key] >= window.t1
            if not signing.renewal and signing.signed_at < window.t1 <= ends_at and waiting:
                tally.add(signing.account, window, in_days(window.t1 - signing.signed_at))
    return tally.ratios()
