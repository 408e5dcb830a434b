"""A resolved scorecard as plain rows: each setting, its value, and the line that decided it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kamengine.config.goals import goal_text
from kamengine.config.model import Band
from kamengine.config.resolved import Origin, ResolvedKPI, ResolvedScorecard

Row = dict[str, object]


def setting_rows(resolved: ResolvedScorecard) -> list[Row]:
    """Return a row for each weight, goal and parameter, and for each KPI that was removed.

    A setting that nobody wrote down has the layer ``default``, and no place.
    """
    kept = [row for kpi in resolved.kpis for row in _kpi_rows(kpi)]
    gone = [_row(removed.id, "removed", "", removed.origin) for removed in resolved.removed]
    return [*kept, *gone]


def _kpi_rows(kpi: ResolvedKPI) -> Iterator[Row]:
    yield _row(kpi.id, "weight", f"{kpi.weight:f}", kpi.weighted_by)
    if kpi.goal and kpi.aimed_by:
        name = "band" if isinstance(kpi.goal, Band) else "target"
        yield _row(kpi.id, name, goal_text(kpi.goal, kpi.kpi), kpi.aimed_by)
    if kpi.params is not None:
        for name, value in msgspec.structs.asdict(kpi.params).items():
            yield _row(kpi.id, f"params.{name}", _text(value), kpi.params_by[name])


def _row(kpi: str, setting: str, value: str, origin: Origin) -> Row:
    return {
        "kpi": kpi,
        "setting": setting,
        "value": value,
        "layer": origin.layer,
        "where": str(origin.place) if origin.place else "",
        "reason": origin.reason or "",
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
