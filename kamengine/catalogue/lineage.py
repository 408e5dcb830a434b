"""What a definition rests on, read from its SQL."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kamengine.plugins import Registry
from kamengine.replay.graph import Graph, build
from kamengine.settings import Settings


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """The definitions behind another one.

    Attributes:
        event_types: Names of all event types, by whatever way they get there.
        projections: Names of the projections that it reads itself.
    """

    event_types: tuple[str, ...]
    projections: tuple[str, ...]


class Lineage:
    """Follows definitions back to events.

    Args:
        registry: The packs.
    """

    def __init__(self, registry: Registry) -> None:
        self.graph: Graph = build(registry, Settings())
        self._type_of = {t.table: t.name for t in registry.fact_types.values()}

    def inputs(self, reads: Iterable[str]) -> Inputs:
        """Return what relations, or KPIs, go back to."""
        direct = set(reads)
        return Inputs(
            event_types=tuple(sorted(self._events(direct))),
            projections=tuple(sorted(direct & self.graph.projections.keys())),
        )

    def _events(self, names: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for name in names:
            if name in self._type_of:
                found.add(self._type_of[name])
            else:
                node = self.graph.projections.get(name) or self.graph.kpis[name]
                found |= self._events(node.reads)
        return found
