"""Wants to be told more than the hook tells."""

from __future__ import annotations

from kamengine import KPI, hookimpl

kamengine_api = "1.0"


@hookimpl
def kamengine_kpis(workspace: str) -> list[KPI]:
    raise LookupError(workspace)
