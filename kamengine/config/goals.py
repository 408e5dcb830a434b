"""Whether a goal can be met in the direction that its KPI runs, and is in the KPI's unit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal

from kamengine.config.complaint import Complaint, Problem, complain
from kamengine.config.levels import LEVELS, Band, Goal, GoalSettings, Target
from kamengine.config.model import Programme
from kamengine.config.reader import Path
from kamengine.kpi import KPI


def check_goals(
    programme: Programme, settings: GoalSettings, kpi: KPI, path: Path
) -> Iterator[Complaint]:
    """Yield what is wrong with the goals that are written at a path."""
    if settings.target and settings.band:
        problem = Problem(
            what=f"{kpi.id!r} has both a target and a band", hint="keep one of the two"
        )
        yield complain(programme.place(*path), problem)
        return
    key = "target" if settings.target else "band"
    for at, goal in enumerate(settings.goals):
        inner = (*path, key, str(at))
        inner = inner if inner in programme.places else (*path, key)
        found = list(_units(programme, goal, kpi, inner))
        yield from found or _shape(programme, goal, kpi, inner)
    yield from _twins(programme, settings.goals, kpi, (*path, key))


def _twins(
    programme: Programme, goals: tuple[Goal, ...], kpi: KPI, path: Path
) -> Iterator[Complaint]:
    """Two that are equally near and hold on the same day would leave the choice to chance."""
    for (first, one), (second, other) in itertools.combinations(enumerate(goals), 2):
        alike = one.nearness == other.nearness and one.period == other.period
        if alike and one.meets(other):
            what = f"Two goals of {kpi.id!r} hold at the same time, and neither is nearer"
            hint = f"see line {programme.place(*path, str(first)).line}; give one a `from`"
            place = programme.place(*path, str(second))
            yield complain(place, Problem(what=what, hint=hint))


def _units(programme: Programme, goal: Goal, kpi: KPI, path: Path) -> Iterator[Complaint]:
    """92 where 92% is meant would be 9200%; a percentage of days means nothing."""
    for name in LEVELS:
        level = getattr(goal, name, None)
        place = programme.place(*path, name)
        if level is None or place.text is None:
            continue
        signed = place.text.endswith("%")
        if is_percentage(kpi) and not signed and abs(level) >= 1:
            what = f"{kpi.id!r} is a percentage, and this lacks its percent sign"
            yield complain(place, Problem(what=what, hint=f"write {place.text}%"), place.text)
        elif signed and not is_percentage(kpi):
            what = f"{kpi.id!r} is no percentage; it is measured in {kpi.unit}"
            hint = f"write {place.text.rstrip('% ')}"
            yield complain(place, Problem(what=what, hint=hint), place.text)


def _shape(programme: Programme, goal: Goal, kpi: KPI, path: Path) -> Iterator[Complaint]:
    problem = _band_problem(goal, kpi) if isinstance(goal, Band) else _target_problem(goal, kpi)
    if problem:
        yield complain(programme.place(*path), problem)


def _target_problem(goal: Target, kpi: KPI) -> Problem | None:
    if kpi.better == "band":
        hint = "write `band: {low: , high: }`"
        return Problem(what=f"{kpi.id!r} is best inside a band and takes no target", hint=hint)
    sign = 1 if kpi.better == "higher" else -1
    above = "below" if kpi.better == "higher" else "above"
    if (goal.target - goal.floor) * sign < 0:
        what = f"The floor {_plain(goal.floor)} of {kpi.id!r} is better than its target"
        hint = f"{kpi.better} is better here, so put the floor {above} {_plain(goal.target)}"
        return Problem(what=what, hint=hint)
    if goal.stretch is None or (goal.stretch - goal.target) * sign > 0:
        return None
    what = f"The stretch {_plain(goal.stretch)} of {kpi.id!r} is no better than its target"
    beyond = "above" if kpi.better == "higher" else "below"
    hint = f"put it {beyond} {_plain(goal.target)}, or leave it out to end attainment at 100%"
    return Problem(what=what, hint=hint)


def _band_problem(goal: Band, kpi: KPI) -> Problem | None:
    levels = [goal.floor_low, goal.low, goal.high, goal.floor_high]
    given = [level for level in levels if level is not None]
    if given == sorted(given):
        return None
    what = f"The band of {kpi.id!r} isn't in order"
    return Problem(what=what, hint="keep floor_low <= low <= high <= floor_high")


def is_percentage(kpi: KPI | None) -> bool:
    """Tell whether a KPI's values are ratios that people write with a percent sign."""
    return kpi is not None and kpi.unit.startswith("%")


def goal_text(goal: Goal, kpi: KPI | None) -> str:
    """Write a goal as people do: ``45 > 14 > 7`` from floor to stretch, or ``2 to 6``."""
    if isinstance(goal, Band):
        return f"{_level(goal.low, kpi)} to {_level(goal.high, kpi)}"
    levels = [goal.floor, goal.target, goal.stretch]
    sign = " > " if goal.floor > goal.target else " < "
    return sign.join(_level(level, kpi) for level in levels if level is not None)


def _level(level: Decimal, kpi: KPI | None) -> str:
    return f"{_plain(level.scaleb(2))} %" if is_percentage(kpi) else _plain(level)


def _plain(level: Decimal) -> str:
    text = f"{level:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
