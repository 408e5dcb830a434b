"""Definitions and config as the engine runs them: those that stand written, or were applied."""

from __future__ import annotations

import copy
from functools import cached_property
from pathlib import Path

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
from kamengine.replay import graph as graphs
from kamengine.replay.graph import Graph
from kamengine.settings import Settings
from kamengine.vocabulary import OWN


class Definitions:
    """All that decides values: what packs and YAML say, at one time.

    Args:
        registry: The definitions.
        files: The config.
    """

    def __init__(self, registry: Registry, files: ConfigFiles) -> None:
        self.registry = registry
        self.files = files

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
        return graphs.build(self.registry, self.settings)

    @cached_property
    def contents(self) -> dict[Key, Content]:
        """Every definition as the log records it."""
        return {key: described(item) for key, item in definitions_of(self.registry).items()}

    @cached_property
    def labels(self) -> dict[str, str]:
        """KPI to the label that its values carry; composites have none of their own."""
        return {k: self.graph.definition(kpi) for k, kpi in self.registry.measured.items()}


def written(registry: Registry, folder: Path) -> Definitions:
    """Return what the loaded packs and the config folder say now.

    Raises:
        ConfigError: A file can't be read.
    """
    return Definitions(registry, gather(folder))


def applied(state: InForce, installed: Registry, folder: Path) -> Definitions:
    """Return what was in force.

    Args:
        state: As the log says.
        installed: What the loaded packs register now. Where a definition means the same there,
            that one is taken, so that its documentation is the present one.
        folder: The config folder, for messages.
    """
    now = definitions_of(installed)
    registry = copy.copy(installed)  # what decides no value is as it is installed
    registry.event_types, registry.projections, registry.kpis = dict(OWN), {}, {}
    for key, content in state.contents.items():
        _take(registry, key, _chosen(key, content, now.get(key)))
    return Definitions(registry, recorded(folder, state.files))


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
