"""Returns the wrong things."""

from __future__ import annotations

from kamengine import hookimpl

kamengine_api = "1.0"


@hookimpl
def kamengine_kpis() -> list[object]:
    return ["nps", {"id": "csat"}]
