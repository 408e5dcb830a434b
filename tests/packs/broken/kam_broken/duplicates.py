"""Has the id of somebody else's KPI."""

from __future__ import annotations

from kamengine import KPI, Sum, hookimpl

kamengine_api = "1.0"


@hookimpl
def kamengine_kpis() -> list[KPI]:
    return [
        KPI(
            id="nps",
            version=9,
            title="Another NPS",
            doc="The same name for something else.",
            family="retention",
            timing="lagging",
            unit="points",
            better="higher",
            value=Sum(),
            sql="SELECT account_id, occurred_at, 100 AS numerator FROM touch_logged",
        )
    ]
