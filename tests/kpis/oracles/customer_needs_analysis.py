"""For each window's end, what was last found out of every need in the 180 days before."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.bonds import midnight
from tests.kpis.cover import DAY
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    assessed = of_type(events, "needs.assessed")
    tally = Tally()
    for window in windows:
        since = midnight(f"{window.end - 180 * DAY}")
        latest = {
            (event["account_id"], event["data"]["need_id"]): event
            for event in assessed
            if event["occurred_at"] < window.t1
        }
        for (account, _), event in latest.items():
            data = event["data"]
            if event["occurred_at"] >= since:
                understood = data["understanding"] if data["validated_by_customer"] else 0
                weight = data["importance"]
                tally.add(account, window, weight * understood, weight * 5)
    return tally.ratios()
