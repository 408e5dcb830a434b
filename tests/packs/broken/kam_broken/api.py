"""Is written for a contract of the future, and can be imported."""

from __future__ import annotations

from kamengine import hookimpl

kamengine_api = "2.0"


@hookimpl
def kamengine_wonders() -> list[object]:
    return []
