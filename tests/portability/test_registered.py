"""Every definition that ships is portable, or says why not, and Spark can read it."""

from __future__ import annotations

import pytest

from kamengine import plugins
from kamengine.inspection import name_of, queries
from kamengine.kpi import KPI, Formula
from kamengine.portability import spark
from kamengine.projection import Projection
from kamengine.replay.graph import build
from kamengine.settings import Settings

REGISTRY = plugins.load()
DEFINITIONS: list[KPI | Projection] = [
    *REGISTRY.measured.values(),  # those made of scorecards have no SQL
    *REGISTRY.projections.values(),
]


@pytest.mark.parametrize("definition", DEFINITIONS, ids=name_of)
def test_it_is_portable_or_says_why_not(definition: KPI | Projection) -> None:
    """Without a finding it renders; one that says it runs on DuckDB alone has a finding."""
    asked = list(queries(definition))
    assert asked
    if definition.duckdb_only:
        assert any(query.findings for _, query in asked)
        return
    for where, query in asked:
        assert query.findings == ()
        text = query.text
        assert spark.rendered(text, where)


def test_nothing_portable_rests_on_what_isnt() -> None:
    """What reads a projection of DuckDB's alone runs there alone, and has to say so."""
    graph = build(REGISTRY, Settings())
    alone = {p.name for p in REGISTRY.projections.values() if p.duckdb_only}
    alone |= {k.id for k in REGISTRY.kpis.values() if k.duckdb_only}
    nodes = {**graph.projections, **graph.kpis}
    silent = {
        name_of(d): sorted(alone & set(nodes[name_of(d)].reads))
        for d in DEFINITIONS
        if not d.duckdb_only and alone & set(nodes[name_of(d)].reads)
    }
    assert silent == {}


def test_formulas_are_among_them() -> None:
    """The walk covers KPIs without a query of their own."""
    assert any(isinstance(d.value, Formula) for d in DEFINITIONS if isinstance(d, KPI))
