"""Implements a hook that there isn't."""

from __future__ import annotations

from kamengine import KPI, hookimpl

kamengine_api = "1.0"


@hookimpl
def kamengine_kpi() -> list[KPI]:
    return []
