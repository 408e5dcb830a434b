"""A resolved scorecard as plain rows: each setting, its value, and the line that decided it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from kamengine.config.goals import goal_text
from kamengine.config.levels import Band
from kamengine.config.model import TenureBand
from kamengine.config.reach import Has
from kamengine.config.resolved import Origin, RemovedKPI, ResolvedKPI, ResolvedScorecard

Row = dict[str, object]


def setting_rows(resolved: ResolvedScorecard) -> list[Row]:
    """Return a row for each weight, goal and parameter, and for each KPI that was removed.

    What is settled for the scorecard as a whole comes first, under no KPI. A setting that nobody
    wrote down has the layer ``default``, and no place.
    """
    whole = [_row("", *setting) for setting in _whole(resolved)]
    kept = [row for kpi in resolved.kpis for row in _kpi_rows(kpi)]
    gone = [_row(removed.id, "removed", "", removed.origin) for removed in resolved.removed]
    return [*whole, *kept, *gone]


def who_row(has: Has) -> Row:
    """Return a row for somebody who has a KPI, or was spared it."""
    card, kpi = has.scorecard, has.kpi
    row: Row = {
        "type": card.subject.type,
        "subject": card.subject.id,
        "audience": card.audience,
        "scorecard": card.scorecard,
    }
    if isinstance(kpi, RemovedKPI):
        return row | {"weight": "removed", "goal": "", **_decided(card, kpi.origin)}
    goal = goal_text(kpi.goal, kpi.kpi) if kpi.goal else ""
    return row | {"weight": f"{kpi.weight:f}", "goal": goal, **_decided(card, kpi.selected_by)}


def _decided(card: ResolvedScorecard, origin: Origin) -> Row:
    because = card.because if origin.layer == "scorecard" else f"{origin.layer} {origin.rule}"
    return {"because": because, "where": str(origin.place), "reason": origin.reason or ""}


WHO_COLUMNS = (
    "type",
    "subject",
    "audience",
    "scorecard",
    "because",
    "weight",
    "goal",
    "where",
    "reason",
)


def _whole(resolved: ResolvedScorecard) -> Iterator[tuple[str, str, Origin]]:
    """Yield what is settled for the scorecard as a whole, where it isn't as usual."""
    by = resolved.settled_by
    if "missing" in by:
        yield "missing", resolved.missing, by["missing"]
    if resolved.bands:
        yield "weigh_by", "tenure", by["weigh_by"]
    bands = by.get("tenure_bands", Origin(layer="default"))
    for band in resolved.bands:
        yield f"from month {band.from_month}", _families(band), bands


def _families(band: TenureBand) -> str:
    weights = {name: getattr(band, name) for name in TenureBand.__struct_fields__[1:]}
    return ", ".join(f"{name} {weight:f}" for name, weight in weights.items() if weight)


def _kpi_rows(kpi: ResolvedKPI) -> Iterator[Row]:
    yield _row(kpi.id, "weight", f"{kpi.weight:f}", kpi.weighted_by)
    if kpi.goal and kpi.aimed_by:
        name = "band" if isinstance(kpi.goal, Band) else "target"
        yield _row(kpi.id, name, goal_text(kpi.goal, kpi.kpi), kpi.aimed_by)
    if kpi.min_count and kpi.counted_by:
        yield _row(kpi.id, "min_count", str(kpi.min_count), kpi.counted_by)
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
        "author": origin.author or "",
        "until": origin.until or "",
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(each)}" for name, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
