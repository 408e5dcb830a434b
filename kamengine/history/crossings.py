"""Who would pass a target, or fall short of it: levels before a change and after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Literal, TypeAlias

import msgspec

from kamengine.config.levels import Band, Goal
from kamengine.config.resolution import resolve
from kamengine.config.rules import Subject
from kamengine.config.section import CARRIERS, Carrier, When
from kamengine.errors import ConfigError
from kamengine.history.definitions import Definitions
from kamengine.history.moves import Move
from kamengine.kpi import Direction
from kamengine.periods import Window
from kamengine.replay.book import Book
from kamengine.replay.reading import Reader
from kamengine.scorecard.subjects import Directory

Level: TypeAlias = Literal[
    "no value", "below the floor", "short of the target", "at the target", "at the stretch"
]
Aim: TypeAlias = tuple[Goal, Direction]

DATED = frozenset({"from", "until", "period", "expires"})
"""Keys of config that make what holds depend on the day."""


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
    """What everybody aims for, by the config that holds for each period.

    Args:
        definitions: The config, and the KPIs.
        reader: Says who had which attributes when.
    """

    def __init__(self, definitions: Definitions, reader: Reader) -> None:
        self._definitions = definitions
        self._reader = reader
        self._dated = any(
            _is_dated(msgspec.to_builtins(getattr(spell.config, part), enc_hook=repr))
            for spell in definitions.spells
            for part in ("kpis", "scorecards", "overrides", "accounts", "managers")
        )
        self._directories: dict[str, Directory] = {}
        self._found: dict[tuple[object, ...], dict[str, Aim]] = {}

    def of(self, carrier: Carrier, subject: str, window: Window) -> Mapping[str, Aim]:
        """Return what a subject aims for in a period, by KPI."""
        holding = self._definitions.at(window.start)
        if window.period not in self._directories:
            reader = self._reader.at(window)
            self._directories[window.period] = Directory(reader, holding.config, window)
        who = self._directories[window.period].subject(carrier, subject)
        when = holding.since, self._dated and window.period
        key = (carrier, subject, *sorted(who.attributes.items()), *when)
        if key not in self._found:
            self._found[key] = dict(self._aims(who, window))
        return self._found[key]

    def _aims(self, who: Subject, window: Window) -> Iterator[tuple[str, Aim]]:
        holding = self._definitions.at(window.start)
        config, registry = holding.config, holding.registry
        try:
            resolved = resolve(config, registry, who, When.of(window))
        except ConfigError:  # nobody's scorecard is theirs
            return
        for kpi in resolved.kpis:
            if kpi.goal is not None and kpi.better is not None:
                yield kpi.id, (kpi.goal, kpi.better)


def crossings(
    before: Aims,
    after: Aims,
    moves: Iterable[Move],
    standing: Iterable[Move],
    windows: Mapping[str, Window],
) -> list[Crossing]:
    """Return every value that would pass its target or band, or fall short of it.

    Args:
        before: What everybody aims for as it is applied.
        after: What they would.
        moves: The values that would be other ones.
        standing: The others that are to be looked at: where an aim moves, a value that stands
            still crosses all the same.
        windows: By period.
    """
    found: dict[tuple[str, str, str, str], Crossing] = {}
    seen: set[tuple[str, str, str, str]] = set()
    for move in (*moves, *standing):
        key = (move.kpi, move.subject_type, move.subject, move.period)
        if move.subject_type not in CARRIERS or key in seen or move.period not in windows:
            continue
        seen.add(key)
        carrier, window = move.subject_type, windows[move.period]
        old = before.of(carrier, move.subject, window).get(move.kpi)
        new = after.of(carrier, move.subject, window).get(move.kpi)
        level, new_level = _level(move.was, old or new), _level(move.becomes, new or old)
        if level != new_level:
            found[key] = _crossing(move, level, new_level)
    return [found[key] for key in sorted(found)]


def standing(
    before: Aims, after: Aims, book: Book, windows: Mapping[str, Window], definitions: Definitions
) -> Iterator[Move]:
    """Yield the present values of everybody whose aim would be another one."""
    for carrier in CARRIERS:
        subjects = book.subjects(carrier)
        for window in windows.values():
            shifted: dict[str, set[str]] = {}
            for subject in subjects:
                old, new = (aims.of(carrier, subject, window) for aims in (before, after))
                for kpi in old.keys() | new.keys():
                    if old.get(kpi) != new.get(kpi):
                        shifted.setdefault(kpi, set()).add(subject)
            for kpi, whose in shifted.items():
                yield from _present(book, definitions, kpi, carrier, window, whose)


def _present(
    book: Book,
    definitions: Definitions,
    kpi: str,
    carrier: Carrier,
    window: Window,
    whose: set[str],
) -> Iterator[Move]:
    known = definitions.at(window.start).registry.measured.get(kpi)
    for value in book.values(known, carrier, window.period) if known else ():
        if value.subject in whose:
            yield Move(
                kpi=kpi,
                subject_type=carrier,
                subject=value.subject,
                period=value.period,
                was=value.value,
                becomes=value.value,
                status=value.status,
                new_status=value.status,
            )


def _crossing(move: Move, level: Level, new_level: Level) -> Crossing:
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


def _is_dated(part: object) -> bool:
    """Tell whether anything in a part of the config depends on the day."""
    if isinstance(part, dict):
        return any(
            (key in DATED and value is not None) or _is_dated(value) for key, value in part.items()
        )
    return isinstance(part, list | tuple) and any(map(_is_dated, part))
