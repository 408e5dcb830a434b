"""Has SQL that is none."""

from __future__ import annotations

from kamengine import Projection, hookimpl

kamengine_api = "1.0"


@hookimpl
def kamengine_projections() -> list[Projection]:
    return [Projection(name="torn", doc="Torn off.", key=("x",), sql="SELECT x FROM (touches")]
