"""A registry cut down to what some KPIs rest on: a replay of it is as quick as they are."""

from __future__ import annotations

from collections.abc import Iterable

from kamengine.engine.evidence import ATTRIBUTION
from kamengine.plugins import Registry
from kamengine.replay import graph as graphs
from kamengine.settings import Settings
from kamengine.vocabulary import OWN


def narrowed(
    registry: Registry, kpis: Iterable[str], settings: Settings, beside: Iterable[str] = ()
) -> Registry:
    """Return a registry with some KPIs, and the KPIs, projections and events they go back to.

    What can't be derived stays in, so that it is told why.

    Args:
        registry: All definitions.
        kpis: Ids of KPIs; one that isn't there is passed over.
        settings: What the organisation decided.
        beside: Projections to keep as well.
    """
    graph = graphs.build(registry, settings)
    wanted = {kpi for kpi in kpis if kpi in registry.kpis}
    seen = graph.below([*wanted, *ATTRIBUTION, *beside]) | graph.broken.keys()
    narrow = Registry()
    narrow.kpis = {k: kpi for k, kpi in registry.kpis.items() if k in wanted | seen}
    narrow.projections = {n: p for n, p in registry.projections.items() if n in seen}
    narrow.event_types = {
        n: t
        for n, t in registry.event_types.items()
        if n in OWN or t.table in seen or t.merges_into
    }
    narrow.packs, narrow.pack_of = registry.packs, registry.pack_of
    return narrow
