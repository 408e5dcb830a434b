"""Definitions and config as the engine runs them: those that stand written, or were applied."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kamengine.config.engine import settings_of
from kamengine.config.files import ConfigFiles, gather, recorded
from kamengine.config.folder import load
from kamengine.config.model import Config
from kamengine.event import EventType
from kamengine.history.declared import (
    Content,
    Definition,
    Key,
    alike,
    definitions_of,
    described,
    restored,
)
from kamengine.history.ledger import InForce
from kamengine.kpi import KPI
from kamengine.plugins import Registry
from kamengine.projection import Projection
from kamengine.replay.era import Era, holding
from kamengine.settings import Settings
from kamengine.vocabulary import OWN

if TYPE_CHECKING:
    from kamengine.replay.graph import Graph


class Definitions:
    """All that decides values: what packs and YAML say, at one time.

    Args:
        registry: The definitions.
        files: The config.
        since: The first day of the periods that they hold for; None for all.
        earlier: What holds for earlier periods, oldest first.
    """

    def __init__(
        self,
        registry: Registry,
        files: ConfigFiles,
        since: dt.date | None = None,
        earlier: Sequence[Definitions] = (),
    ) -> None:
        self.registry = registry
        self.files = files
        self.since = since
        self.earlier = tuple(earlier)

    @cached_property
    def config(self) -> Config:
        """The config.

        Raises:
            ConfigError: It can't be followed.
        """
        return load(self.files, self.registry)

    @cached_property
    def settings(self) -> Settings:
        """What of the config decides values."""
        return settings_of(self.config, self.registry)

    @cached_property
    def graph(self) -> Graph:
        """What depends on what."""
        from kamengine.replay import graph as graphs  # noqa: PLC0415 - it needs a parser

        return graphs.build(self.registry, self.settings)

    @cached_property
    def contents(self) -> dict[Key, Content]:
        """Every definition as the log records it."""
        return {key: described(item) for key, item in definitions_of(self.registry).items()}

    @cached_property
    def labels(self) -> dict[str, str]:
        """KPI to the label that its values carry; composites have none of their own."""
        return {k: self.graph.definition(kpi) for k, kpi in self.registry.measured.items()}

    @property
    def spells(self) -> tuple[Definitions, ...]:
        """What holds, oldest periods first: these definitions last."""
        return (*self.earlier, self)

    @cached_property
    def eras(self) -> tuple[Era, ...]:
        """All that a replay takes of them.

        Facts and the calendar are the present ones in every era, as are the kinds of period.
        """
        return (*(_as_of_old(spell, self) for spell in self.earlier), self._own_era)

    def at(self, day: dt.date) -> Definitions:
        """Return what holds for periods that begin on a day."""
        return holding(self.spells, day)

    def config_at(self, day: dt.date) -> Config:
        """Return the config that holds for periods that begin on a day."""
        return self.at(day).config

    def kpi(self, kpi_id: str, day: dt.date | None = None) -> KPI:
        """Return a KPI as periods that begin on a day have it, or the newest that has it.

        Raises:
            UnknownNameError: It isn't in force, and is in no earlier period.
        """
        wanted = [self.at(day)] if day else []
        for spell in (*wanted, *reversed(self.spells)):
            if kpi_id in spell.registry.kpis:
                return spell.registry.kpis[kpi_id]
        return self.registry.kpi(kpi_id)

    @property
    def _own_era(self) -> Era:
        return Era(self.since, self.registry, self.settings)


def written(registry: Registry, folder: Path) -> Definitions:
    """Return what the loaded packs and the config folder say now.

    Raises:
        ConfigError: A file can't be read.
    """
    return Definitions(registry, gather(folder))


def applied(
    eras: Sequence[InForce], installed: Registry, folder: Path, *, strict: bool = False
) -> Definitions:
    """Return what was in force: that of the newest periods, which knows of the earlier ones.

    Args:
        eras: As the log says, oldest periods first; at least one.
        installed: What the loaded packs register now. Where a definition means the same there,
            that one is taken, so that its documentation is the present one.
        folder: The config folder, for messages.
        strict: Whether the config is yet to be approved, and so must name no KPI that isn't there.
    """
    now = definitions_of(installed)
    spells = [_applied(state, installed, now, folder) for state in eras]
    for spell in spells:
        spell.registry.recorded = not strict
    return Definitions(spells[-1].registry, spells[-1].files, eras[-1].since, spells[:-1])


def _applied(
    state: InForce, installed: Registry, now: dict[Key, Definition], folder: Path
) -> Definitions:
    registry = copy.copy(installed)  # what decides no value is as it is installed
    registry.event_types, registry.projections, registry.kpis = dict(OWN), {}, {}
    for key, content in state.contents.items():
        _take(registry, key, _chosen(key, content, now.get(key)))
    return Definitions(registry, recorded(folder, state.files), state.since)


def _as_of_old(spell: Definitions, newest: Definitions) -> Era:
    registry = Registry()
    registry.packs, registry.pack_of = spell.registry.packs, spell.registry.pack_of
    registry.event_types = newest.registry.event_types
    registry.projections, registry.kpis = spell.registry.projections, spell.registry.kpis
    settings = msgspec.structs.replace(
        spell.settings,
        calendar=newest.settings.calendar,
        kinds=newest.settings.kinds,
        as_of=newest.settings.as_of,
    )
    return Era(spell.since, registry, settings)


def _chosen(key: Key, content: Content, present: Definition | None) -> Definition:
    if present is not None and alike(content, described(present)):
        return present
    return restored(key[0], content)


def _take(registry: Registry, key: Key, definition: Definition) -> None:
    match definition:
        case EventType():
            registry.event_types[key[1]] = definition
        case Projection():
            registry.projections[key[1]] = definition
        case KPI():
            registry.kpis[key[1]] = definition
