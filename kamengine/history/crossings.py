"""Who would pass a target, or fall short of it: levels before a change and after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

import msgspec

from kamengine.config.model import Band, Carrier, Goal
from kamengine.config.resolution import resolve
from kamengine.config.rules import Subject
from kamengine.errors import ConfigError
from kamengine.history.definitions import Definitions
from kamengine.history.moves import Move
from kamengine.kpi import Direction
from kamengine.replay.book import Book

Level: TypeAlias = Literal[
    "no value", "below the floor", "short of the target", "at the target", "at the stretch"
]
Aim: TypeAlias = tuple[Goal, Direction]
Whose: TypeAlias = tuple[str, str, str]
"""Subject type, subject and KPI."""


class Crossing(msgspec.Struct, frozen=True, kw_only=True):
    """A value on a scorecard that would stand on another side of its target or band.

    Attributes:
        kpi: The KPI.
        subject_type: The grain.
        subject: Whose value.
        period: Of which period.
        was: The present value.
        becomes: What it would be.
        level: Where the present value stands.
        new_level: Where the other one would.
    """

    kpi: str
    subject_type: str
    subject: str
    period: str
    was: float | None
    becomes: float | None
    level: Level
    new_level: Level


class Aims:
    """What everybody aims for, by the config that is applied and by that which would be.

    Args:
        before: What is applied.
        after: What would be.
        subjects: For each carrier, everybody who has values.
        attributes: What the log knows of each account.
    """

    def __init__(
        self,
        before: Definitions,
        after: Definitions,
        subjects: Mapping[Carrier, Iterable[str]],
        attributes: Mapping[str, Mapping[str, str | None]],
    ) -> None:
        whose = [
            Subject(id=subject, type=carrier, attributes=_known(attributes.get(subject, {})))
            for carrier in get_args(Carrier)
            for subject in subjects.get(carrier, ())
        ]
        same = before.files.contents == after.files.contents
        self.before = dict(_aims(before, whose))
        self.after = self.before if same else dict(_aims(after, whose))

    def kpis(self) -> set[str]:
        """Return the KPIs that anybody aims at."""
        return {kpi for _, _, kpi in self.before.keys() | self.after.keys()}

    def shifted(self) -> list[Whose]:
        """Return whose aim would be another one."""
        whose = self.before.keys() | self.after.keys()
        return sorted(w for w in whose if self.before.get(w) != self.after.get(w))

    def crossing(self, move: Move) -> Crossing | None:
        """Return the crossing that a move is, if it is one."""
        whose = (move.subject_type, move.subject, move.kpi)
        old, new = self.before.get(whose), self.after.get(whose)
        level = _level(move.was, old or new)
        new_level = _level(move.becomes, new or old)
        if level == new_level or (old is None and new is None):
            return None
        return Crossing(
            kpi=move.kpi,
            subject_type=move.subject_type,
            subject=move.subject,
            period=move.period,
            was=move.was,
            becomes=move.becomes,
            level=level,
            new_level=new_level,
        )


def crossings(aims: Aims, moves: Iterable[Move], book: Book, after: Definitions) -> list[Crossing]:
    """Return every value that would pass its target or band, or fall short of it.

    Args:
        aims: What everybody aims for.
        moves: The values that would be other ones, of KPIs that anybody aims at.
        book: The present values: where an aim moves, they stand and cross all the same.
        after: The KPIs.
    """
    found: list[Crossing] = []
    moved: set[tuple[str, str, str, str]] = set()
    for move in moves:
        moved.add((move.kpi, move.subject_type, move.subject, move.period))
        if crossing := aims.crossing(move):
            found.append(crossing)
    for move in _standing(aims.shifted(), book, after):
        if (move.kpi, move.subject_type, move.subject, move.period) in moved:
            continue
        if crossing := aims.crossing(move):
            found.append(crossing)
    return sorted(found, key=lambda c: (c.kpi, c.subject_type, c.subject, c.period))


def _standing(shifted: Iterable[Whose], book: Book, after: Definitions) -> Iterator[Move]:
    for subject_type, subject, kpi_id in shifted:
        kpi = after.registry.measured.get(kpi_id)
        values = book.values(kpi, subject_type, subject=subject) if kpi else []  # type: ignore[arg-type]
        for value in values:
            yield Move(
                kpi=kpi_id,
                subject_type=value.subject_type,
                subject=subject,
                period=value.period,
                was=value.value,
                becomes=value.value,
                status=value.status,
                new_status=value.status,
            )


def _aims(definitions: Definitions, whose: Iterable[Subject]) -> Iterator[tuple[Whose, Aim]]:
    for subject in whose:
        try:
            resolved = resolve(definitions.config, definitions.registry, subject)
        except ConfigError:  # nobody's scorecard is theirs
            continue
        for kpi in resolved.kpis:
            if kpi.goal is not None and kpi.better is not None:
                yield (subject.type, subject.id, kpi.id), (kpi.goal, kpi.better)


def _level(value: float | None, aim: Aim | None) -> Level:
    """Say where a value stands; a level itself belongs to the better side."""
    if value is None or aim is None:
        return "no value"
    goal, better = aim
    at = Fraction(repr(value))
    if isinstance(goal, Band):
        return "at the target" if goal.low <= at <= goal.high else "short of the target"
    sign = -1 if better == "lower" else 1
    if goal.stretch is not None and at * sign >= goal.stretch * sign:
        return "at the stretch"
    if at * sign >= goal.target * sign:
        return "at the target"
    return "short of the target" if at * sign > goal.floor * sign else "below the floor"


def _known(attributes: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if value is not None}
