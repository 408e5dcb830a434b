"""A registry cut down to what some KPIs rest on: a replay of it is as quick as they are."""

from __future__ import annotations

from collections.abc import Iterable

from kamengine.engine.evidence import ATTRIBUTION
from kamengine.plugins import Registry
from kamengine.replay import graph as graphs
from kamengine.settings import Settings
from kamengine.vocabulary import OWN


def narrowed(registry: Registry, kpis: Iterable[str], settings: Settings) -> Registry:
    """Return a registry with some KPIs, and the KPIs, projections and events they go back to.

    What can't be derived stays in, so that it is told why.
    """
    graph = graphs.build(registry, settings)
    wanted = set(kpis)
    for kpi in tuple(wanted & graph.kpis.keys()):
        if not graph.kpis[kpi].text:
            wanted.update(graph.kpis[kpi].reads)
    relations = {r for k in wanted & graph.kpis.keys() for r in graph.kpis[k].reads}
    relations.update(ATTRIBUTION, graph.broken)
    for projection in reversed(graph.projections.values()):
        if projection.name in relations:
            relations.update(projection.reads)
    narrow = Registry()
    narrow.kpis = {k: kpi for k, kpi in registry.kpis.items() if k in wanted}
    narrow.projections = {n: p for n, p in registry.projections.items() if n in relations}
    narrow.event_types = {
        n: t
        for n, t in registry.event_types.items()
        if n in OWN or t.table in relations or t.merges_into
    }
    narrow.packs, narrow.pack_of = registry.packs, registry.pack_of
    return narrow
