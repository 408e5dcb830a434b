"""Products of accounts of which less than half was used, counted."""

from __future__ import annotations

import msgspec

from kamengine.periods import Window
from tests.kpis.amounts import Amount, days, in_span
from tests.kpis.oracles.product_utilisation import measured
from tests.kpis.tally import Event, Tally, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    used, entitled = (_by_product(measured(events, field)) for field in ("used", "entitled"))
    for window in windows:
        allowed = in_span(entitled, days(window))
        for key, amount in in_span(used, days(window)).items():
            if 2 * (amount or 0) < (allowed[key] or 0):
                tally.add(str(key).split("/", maxsplit=1)[0], window, 1)
    return tally.sums()


def _by_product(items: list[Amount]) -> list[Amount]:
    return [
        msgspec.structs.replace(i, account=f"{i.account}/{i.event['data']['product']}")
        for i in items
    ]
