"""What charts show: how a score and its numbers went."""

from __future__ import annotations

from collections.abc import Iterable

from kamengine.config.levels import Target
from kamengine.report.chart import Trend
from kamengine.report.readings import FULL, Number, Reading
from kamengine.report.wording import in_words, scores_in_words
from kamengine.value import shown


def trends(readings: Iterable[Reading]) -> list[Trend]:
    """Return the trends on scorecards, in their order: of each the score's, then its numbers'."""
    return [
        trend
        for reading in readings
        for trend in (_trend_of_score(reading), *map(_trend, reading.numbers))
    ]


def _trend_of_score(reading: Reading) -> Trend:
    return Trend(
        title=f"Score over {len(reading.trend)} periods",
        text=f"{scores_in_words(reading)}. Dashed: {FULL}, what all targets together make",
        values=tuple(point.value for point in reading.trend),
        goal=float(FULL),
    )


def _trend(number: Number) -> Trend:
    kpi = number.line.kpi
    goal = float(kpi.goal.target) if isinstance(kpi.goal, Target) else None
    dashed = "" if goal is None else f". Dashed: the target, {shown(goal, kpi.unit)}"
    return Trend(
        title=f"{kpi.title} over {len(number.trend)} periods",
        text=in_words(number) + dashed,
        values=tuple(point.value for point in number.trend),
        goal=goal,
    )
