"""At each window's end, the last assessment of every customer, multiplied out."""

from __future__ import annotations

from decimal import Decimal

from kamengine.periods import Window
from tests.kpis.money import Rates, rounded
from tests.kpis.oracles.accounts_at_risk_share import standing
from tests.kpis.tally import Event, Tally, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    rates, tally, unknown = Rates(events), Tally(), set()
    for window, event in standing(events, windows):
        data, account = event["data"], event["account_id"]
        impact = rates.convert(data["impact"], data.get("currency"), event["occurred_at"])
        if impact is None:
            unknown |= {(account, window.period), ("organisation", window.period)}
        else:
            tally.add(account, window, rounded(impact * Decimal(str(data["likelihood"]))))
    return {key: value for key, value in tally.sums().items() if key[1:] not in unknown}
