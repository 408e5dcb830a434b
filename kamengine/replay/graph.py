"""What depends on what: every definition with its inputs, in the order in which to derive them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias

import msgspec

from kamengine import sql
from kamengine.engine import decode, evidence, valuation
from kamengine.errors import DefinitionError
from kamengine.fingerprint import fingerprint
from kamengine.kpi import KPI, Formula
from kamengine.plugins import ENGINE_RELATIONS, Registry
from kamengine.settings import Settings
from kamengine.suggestions import suggest

Layer: TypeAlias = Literal["facts", "projection", "kpi"]


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A derived table: its query, what it reads, and what would make it another one.

    Attributes:
        layer: Facts, projection or KPI (whose table is its evidence).
        name: The relation's name, or the KPI's id.
        text: The query with its parameters bound; empty for facts and formulas.
        reads: Names of the relations it reads; for a formula, ids of KPIs.
        own: Fingerprint of the definition itself.
        fingerprint: Of the definition and all that it rests on.
        anchored: Whether it reads the windows, so that its rows depend on them.
        stored: Whether its rows are kept, or it is read through.
        ripens: Whether some of its rows count only after a while.
        held: What says who answers for its rows, to the projection that says it.
    """

    layer: Layer
    name: str
    text: str
    reads: tuple[str, ...]
    own: str
    fingerprint: str
    anchored: bool = False
    stored: bool = True
    ripens: bool = False
    held: dict[str, str] = {}

    @property
    def inputs(self) -> set[str]:
        """What its rows rest on: what it reads, and what says who answers for them."""
        return {*self.reads, *self.held.values()}


class Graph(msgspec.Struct, frozen=True):
    """Every definition that can be derived, and those that can't, with the reason.

    Attributes:
        facts: By relation name.
        projections: By name, each after those that it reads.
        kpis: By id in the order of ids, formulas after their operands.
        broken: Projection or KPI to the reason why it can't be derived.
        calendar: What tells one calendar from another: every value is that of a period.
    """

    facts: dict[str, Node]
    projections: dict[str, Node]
    kpis: dict[str, Node]
    broken: dict[str, str]
    calendar: str

    def below(self, names: Iterable[str], but: Collection[str] = ()) -> set[str]:
        """Return some KPIs and relations with all that they read, directly or not.

        A KPI may have the name of a relation; then both are meant.

        Args:
            names: Where to begin.
            but: Relations that the way down stops at.
        """
        layers = (self.facts, self.projections, self.kpis)
        waiting, seen = list(names), set[str]()
        while waiting:
            relation = waiting.pop()
            found = [layer[relation] for layer in layers if relation in layer]
            if found and relation not in seen and relation not in but:
                seen.add(relation)
                waiting += [read for node in found for read in node.reads]
        return seen

    def definition(self, kpi: KPI) -> str:
        """Return the label that values carry: id, version and a fingerprint.

        Two values with the same label were made in the same way: by the same queries over the
        same projections, with the same parameters, in the same time zone and fiscal year.
        """
        node = self.kpis.get(kpi.id)
        made = fingerprint(node.fingerprint, self.calendar)[:8] if node else "unavailable"
        return f"{kpi.id}@{kpi.version}#{made}"

    def facts_of(self, name: str) -> tuple[str, ...]:
        """Return the fact tables that a KPI rests on, whatever stands between; sorted."""
        found: set[str] = set()
        waiting = list(self.kpis[name].reads) if name in self.kpis else []
        while waiting:
            relation = waiting.pop()
            if relation in self.facts:
                found.add(relation)
            else:
                between = self.projections.get(relation) or self.kpis[relation]
                waiting += [r for r in between.reads if r != relation]
        return tuple(sorted(found))


def build(registry: Registry, settings: Settings) -> Graph:
    """Bind every definition's parameters and order them by what they read."""
    calendar = repr(settings.calendar)
    graph = Graph(facts={}, projections={}, kpis={}, broken={}, calendar=calendar)
    own = {t.table: decode.schema_fingerprint(t) for t in registry.fact_types.values()}
    # facts of merged accounts stand under another: they rest on the events that say so
    merging = [own[t.table] for t in registry.fact_types.values() if t.merges_into]
    for table, schema in own.items():
        graph.facts[table] = Node(
            layer="facts",
            name=table,
            text="",
            reads=(),
            own=schema,
            fingerprint=fingerprint(schema, *merging),
        )
    _add_projections(graph, registry, settings)
    _add_kpis(graph, registry, settings)
    return graph


def _add_projections(graph: Graph, registry: Registry, settings: Settings) -> None:
    waiting: dict[str, sql.Query] = {}
    for projection in registry.projections.values():
        try:
            where = f"projection {projection.name}"
            waiting[projection.name] = sql.parse(
                projection.sql, settings.shared_params, where=where
            )
        except DefinitionError as error:
            graph.broken[projection.name] = str(error)
    while waiting:
        ready = [n for n, q in waiting.items() if not any(r in waiting and r != n for r in q.reads)]
        for projection_name in ready or sorted(waiting):
            query = waiting.pop(projection_name)
            if not ready:
                graph.broken[projection_name] = "it reads itself by way of other projections"
            elif reason := _unreadable(graph, query.reads, frozenset()):
                graph.broken[projection_name] = reason
            else:
                node = msgspec.structs.replace(
                    _node(graph, settings, projection_name, query),
                    stored=registry.projections[projection_name].stored,
                )
                graph.projections[projection_name] = node


def _add_kpis(graph: Graph, registry: Registry, settings: Settings) -> None:
    plain = [k for k in registry.measured.values() if not isinstance(k.value, Formula)]
    formulas = [k for k in registry.measured.values() if isinstance(k.value, Formula)]
    for kpi in sorted(plain, key=lambda k: k.id):
        try:
            query = sql.parse(kpi.sql, bound_params(kpi, settings), where=f"KPI {kpi.id}")
        except DefinitionError as error:
            graph.broken[kpi.id] = str(error)
            continue
        if reason := _unreadable(graph, query.reads, ENGINE_RELATIONS):
            graph.broken[kpi.id] = reason
        else:
            graph.kpis[kpi.id] = _node(graph, settings, kpi.id, query, _value_of(kpi))
    for kpi in sorted(formulas, key=lambda k: k.id):
        _add_formula(graph, kpi, registry, settings)


def _add_formula(graph: Graph, kpi: KPI, registry: Registry, settings: Settings) -> None:
    value = kpi.value
    assert isinstance(value, Formula)  # noqa: S101 - the caller chose it for that
    operands = tuple(sorted({o.kpi for o in value.operands.values()}))
    missing = [o for o in operands if o not in graph.kpis or not graph.kpis[o].text]
    if missing:
        unknown = "no pack registers"
        if operand := registry.kpis.get(missing[0]):
            made = "is a formula itself", "isn't measured itself"
            unknown = made[not isinstance(operand.value, Formula)]
        reason = graph.broken.get(missing[0])
        graph.broken[kpi.id] = f"it needs {missing[0]}, which " + (
            f"is broken: {reason}" if reason else unknown
        )
        return
    params = fingerprint(repr(sorted(bound_params(kpi, settings).items())))
    own = fingerprint(_value_of(kpi), params)
    inputs = [graph.kpis[o].fingerprint for o in operands]
    graph.kpis[kpi.id] = Node(
        layer="kpi",
        name=kpi.id,
        text="",
        reads=operands,
        own=own,
        fingerprint=fingerprint(own, *inputs),
    )


def bound_params(kpi: KPI, settings: Settings) -> dict[str, object]:
    """Return every parameter that a KPI's SQL may name, with its value."""
    own = msgspec.structs.asdict(settings.params_of(kpi))
    return settings.shared_params | own


def literal_params(kpi: KPI, settings: Settings) -> dict[str, str]:
    """Return the same parameters as SQL literals, as a formula takes them."""
    params = bound_params(kpi, settings)
    return {name: sql.literal(value).sql(dialect=sql.DIALECT) for name, value in params.items()}


def _node(
    graph: Graph, settings: Settings, name: str, query: sql.Query, value: str | None = None
) -> Node:
    layer: Layer = "projection" if value is None else "kpi"
    reads = tuple(r for r in query.reads if r not in ENGINE_RELATIONS)
    anchored = len(reads) < len(query.reads)
    calendar = repr(settings.calendar) if anchored or "local_" in query.text else ""
    own = fingerprint(query.fingerprint, value or "")
    inputs = [(graph.facts.get(r) or graph.projections[r]).fingerprint for r in reads]
    held = {}
    if layer == "kpi":
        held = {a: a for a in evidence.ATTRIBUTION if a in graph.projections}
        inputs += [evidence.REVISION, valuation.REVISION]
        inputs += [graph.projections[a].fingerprint for a in held]
    return Node(
        layer=layer,
        name=name,
        text=query.text,
        reads=reads,
        own=own,
        fingerprint=fingerprint(own, calendar, *inputs),
        anchored=anchored,
        ripens=layer == "kpi" and evidence.RIPE_AT in query.text,
        held=held,
    )


def _unreadable(graph: Graph, reads: tuple[str, ...], offered: frozenset[str]) -> str | None:
    known = graph.facts.keys() | graph.projections.keys() | offered
    for relation in reads:
        if relation in graph.broken:
            return f"it reads {relation}, which is broken: {graph.broken[relation]}"
        if relation not in known:
            hint = suggest(relation, known)
            return f"it reads {relation}, which no loaded pack registers" + (
                f"; {hint}" if hint else ""
            )
    return None


def _value_of(kpi: KPI) -> str:
    told = (kpi.value, kpi.min_count, kpi.min_items, kpi.denominator, kpi.unit, kpi.empty)
    return msgspec.json.encode(told).decode()
