"""Goals and weights: levels to reach or to stay within, each for as long as it holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar, TypeAlias, TypeVar

import msgspec

from kamengine.config.section import Count, GoalPeriod, Held, Level, Section, Weight, When
from kamengine.periods import KINDS

Dated = TypeVar("Dated", bound=Held)


class Timed(Held, frozen=True, kw_only=True):
    """What holds for some periods only.

    Attributes:
        period: One period (``2026-Q3``), or one sort of period (``quarter``) whose values it is
            meant for; all where it is left out.
    """

    period: GoalPeriod | None = None

    def fits(self, when: When) -> bool:
        """Tell whether it holds for what is asked."""
        fitting = self.period in {None, when.period, when.kind}
        return fitting and self.holds_on(when.day)

    @property
    def nearness(self) -> tuple[int, dt.date]:
        """How near it is; one period before a sort of period, and the later before the earlier."""
        narrow = 0 if self.period is None else 1 if self.period in KINDS else 2
        return narrow, self.since or dt.date.min


class Target(Timed, frozen=True, kw_only=True):
    """Three levels: attainment is 0 at the floor, 1 at the target and 1.2 at the stretch.

    Attributes:
        floor: At this level and worse, nothing is attained.
        target: What is aimed for.
        stretch: Better still; without it attainment ends at 1.
    """

    floor: Level
    target: Level
    stretch: Level | None = None


class Band(Timed, frozen=True, kw_only=True):
    """A range to stay in: attainment is 1 inside, and falls to 0 at the floors outside.

    Attributes:
        low: The lower edge, inside.
        high: The upper edge, inside.
        floor_low: Below the band, where attainment reaches 0; left out, at once.
        floor_high: Above the band, where attainment reaches 0; left out, at once.
    """

    low: Level
    high: Level
    floor_low: Level | None = None
    floor_high: Level | None = None


Goal: TypeAlias = Target | Band

LEVELS = ("floor", "target", "stretch", "low", "high", "floor_low", "floor_high")


def plain(goal: Goal) -> Goal:
    """Return a goal's levels alone, without when they hold."""
    return msgspec.structs.replace(goal, since=None, until=None, period=None)


class GoalSettings(Section, frozen=True, kw_only=True):
    """Settings that may carry goals: targets or bands, not both.

    Attributes:
        target: The levels to reach; several, each with ``from``, ``until`` or ``period``.
        band: The range to stay in; several, each with ``from``, ``until`` or ``period``.
        min_count: With fewer rows of evidence, the value is shown but counts as missing, and
            has no colour.
    """

    target: tuple[Target, ...] = ()
    band: tuple[Band, ...] = ()
    min_count: Count | None = None

    @property
    def goals(self) -> tuple[Goal, ...]:
        """The targets or the bands, whichever are given."""
        return self.target or self.band

    def goal(self, when: When) -> tuple[int, Goal] | None:
        """Return the goal that is nearest to what is asked, with its place in the list."""
        fitting = [(at, goal) for at, goal in enumerate(self.goals) if goal.fits(when)]
        return max(fitting, key=lambda found: found[1].nearness, default=None)


class Weighting(Held, frozen=True, kw_only=True):
    """A weight for as long as it holds. A number alone is short for it.

    Attributes:
        weight: The share in the score, relative to the other weights; 0 shows it beside.
    """

    shorthand: ClassVar[str] = "weight"

    weight: Weight


class Entry(GoalSettings, frozen=True, kw_only=True):
    """A KPI on a scorecard. ``nps: 15`` is short for ``nps: {weight: 15}``.

    Attributes:
        weight: Its share in the score, relative to the other weights; 0 shows it beside.
            Several, each with ``from`` or ``until``, where it changes.
        note: For the reader.
    """

    shorthand: ClassVar[str | None] = "weight"

    weight: tuple[Weighting, ...]
    note: str = ""


def latest(settings: Sequence[Dated], day: dt.date) -> tuple[int, Dated] | None:
    """Return what holds on a day, with its place in the list; the latest to begin goes first."""
    holding = [(at, each) for at, each in enumerate(settings) if each.holds_on(day)]
    return max(holding, key=lambda found: found[1].since or dt.date.min, default=None)
