"""Eras: definitions that hold for periods from a day on, where earlier periods keep others.

A definition of an earlier era that is another than the newest is derived beside it, under a name
of its own (``deals__1f0aa8d0``). It is kept up to date like any other, and answers for the periods
of its eras alone. One that is the same in several eras is derived once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from kamengine import sql
from kamengine.kpi import KPI
from kamengine.periods import Calendar, Window
from kamengine.plugins import Registry
from kamengine.replay import graph as graphs
from kamengine.replay.book import ALWAYS, Definition, micros
from kamengine.replay.era import Era
from kamengine.replay.graph import Graph, Node
from kamengine.replay.naming import derived_name


class Span(NamedTuple):
    """The days on which the periods of an era begin.

    Attributes:
        since: The first one.
        until: The first one of the next era.
    """

    since: dt.date
    until: dt.date


class Timeline:
    """All that is derived for one era or several, and which periods each KPI's table answers for.

    Args:
        eras: Oldest first; at least one.

    Attributes:
        graph: Everything to be derived: the newest definitions under their own names, then those
            of earlier eras that are others.
        registry: The definitions under the same names.
        settings: What holds for all periods: calendar and kinds of period.
        graphs: What depends on what in each era, under the names that its authors gave.
        names: For each era, KPI to the name under which it is derived, where that is another.
        relations: The same for projections.
    """

    def __init__(self, eras: Sequence[Era]) -> None:
        newest = eras[-1]
        self.eras = tuple(eras)
        self.registry, self.settings = newest.registry, newest.settings
        self.graphs = tuple(graphs.build(era.registry, era.settings) for era in eras)
        self.graph = self.graphs[-1]
        self.names: tuple[dict[str, str], ...] = tuple({} for _ in eras)
        self.relations: tuple[dict[str, str], ...] = tuple({} for _ in eras)
        self._spans: dict[str, list[Span]] = {}
        self._origin: dict[str, tuple[str, int]] = {}
        if len(eras) > 1:
            self._add_earlier()

    def kpi_of(self, name: str) -> str:
        """Return the KPI whose values a table of evidence makes."""
        return self._origin[name][0] if name in self._origin else name

    def operand_of(self, name: str, operand: str) -> str:
        """Return the KPI of the graph that a formula of the graph reads as an operand."""
        if name not in self._origin:
            return operand
        return self.names[self._origin[name][1]].get(operand, operand)

    def literal_params(self, kpi: KPI) -> dict[str, str]:
        """Return the parameters of a KPI of the graph as SQL literals."""
        plain, number = self._origin.get(kpi.id, (kpi.id, -1))
        declared = msgspec.structs.replace(kpi, id=plain)
        return graphs.literal_params(declared, self.eras[number].settings)

    def is_bound(self, name: str) -> bool:
        """Tell whether a KPI of the graph answers for some periods alone."""
        return name in self._spans

    def answers(self, name: str, window: Window) -> bool:
        """Tell whether a KPI of the graph makes the values of a window."""
        spans = self._spans.get(name)
        return spans is None or any(s.since <= window.start < s.until for s in spans)

    def own(self, name: str, windows: Iterable[Window]) -> set[str]:
        """Return the periods that a KPI of the graph makes the values of."""
        return {w.period for w in windows if self.answers(name, w)}

    def outdated(
        self, name: str, windows: Sequence[Window], held: Sequence[Definition]
    ) -> set[str] | None:
        """Return the periods whose values were made in another way.

        Args:
            name: A KPI of the graph.
            windows: All that are kept.
            held: What the book says made its values, oldest periods first.

        Returns:
            The periods; None for all that it answers for.
        """
        fingerprint = self.graph.kpis[name].fingerprint
        if len(held) <= 1 and not self.is_bound(name):
            return set() if held and held[0].fingerprint == fingerprint else None
        own = [w for w in windows if self.answers(name, w)]
        found = {w.period for w in own if _fingerprint_at(held, micros(w.t0)) != fingerprint}
        return None if len(found) == len(own) else found

    def abandoned(
        self, known: Iterable[str], windows: Sequence[Window], parked: Collection[str]
    ) -> dict[str, set[str] | None]:
        """Return the values that nothing vouches for any more.

        Args:
            known: KPIs that may have values.
            windows: All that are kept.
            parked: What can't be derived.

        Returns:
            KPI to periods; None for all of them.
        """
        answering: dict[str, list[str]] = {}
        for name in self.graph.kpis.keys() - set(parked):
            answering.setdefault(self.kpi_of(name), []).append(name)
        found: dict[str, set[str] | None] = {}
        for kpi in known:
            names = answering.get(kpi, [])
            if not names:
                found[kpi] = None
            elif all(self.is_bound(name) for name in names):
                kept = set().union(*(self.own(name, windows) for name in names))
                if gone := {w.period for w in windows} - kept:
                    found[kpi] = gone
        return found

    def definitions(self, parked: Mapping[str, str]) -> list[Definition]:
        """Return what the book holds of each KPI: a row for each run of eras that it is alike in.

        Args:
            parked: What can't be derived, to the reason.
        """
        known = {k: kpi for era in self.eras for k, kpi in era.registry.measured.items()}
        found: list[Definition] = []
        for kpi in known.values():
            last: Definition | None = None
            for number, era in enumerate(self.eras):
                row = self._definition(number, kpi, parked)
                since = ALWAYS if number == 0 else _start(era.since, self.settings.calendar)
                if last is None or row != msgspec.structs.replace(last, since=ALWAYS):
                    last = msgspec.structs.replace(row, since=since)
                    found.append(last)
        return found

    def told(self, names: Mapping[str, str]) -> dict[str, str]:
        """Return reasons by names that people know, with the periods where there are several."""
        return {self._told(name): reason for name, reason in names.items()}

    def _told(self, name: str) -> str:
        if name not in self._origin:
            return name
        plain, number = self._origin[name]
        return f"{plain} before {self.eras[number + 1].since}"

    def _definition(self, number: int, newest: KPI, parked: Mapping[str, str]) -> Definition:
        graph = self.graphs[number]
        kpi = self.eras[number].registry.measured.get(newest.id)
        name = self.names[number].get(newest.id, newest.id)
        node = graph.kpis.get(newest.id)
        problem = graph.broken.get(newest.id) or parked.get(name)
        if kpi is None:
            problem = self._why_missing(number, newest.id)
        return Definition(
            kpi=newest.id,
            since=ALWAYS,
            definition=graph.definition(kpi or newest),
            unit=(kpi or newest).unit,
            problem=problem,
            fingerprint=node.fingerprint if node and problem is None else "",
            facts=graph.facts_of(newest.id),
        )

    def _why_missing(self, number: int, kpi: str) -> str:
        """Say since when or until when there is a KPI that an era doesn't have."""
        has = [kpi in era.registry.measured for era in self.eras]
        if True in has[:number]:
            gone = number - has[number - 1 :: -1].index(True)
            return f"it was removed effective {self.eras[gone].since}"
        return f"it was added effective {self.eras[has.index(True)].since}"

    def _add_earlier(self) -> None:
        newest = self.eras[-1]
        self.graph = _copy(self.graph)
        self.registry = Registry()
        self.registry.event_types = newest.registry.event_types
        self.registry.projections = newest.registry.projections
        self.registry.kpis = dict(newest.registry.kpis)
        for number in range(len(self.eras) - 1):
            self._add_era(number)
        self._bind()

    def _add_era(self, number: int) -> None:
        graph, names, relations = self.graphs[number], self.names[number], self.relations[number]
        for node in graph.projections.values():
            if (name := _own_name(node, self.graph.projections)) is not None:
                relations[node.name] = name
                self.graph.projections.setdefault(name, _renamed(node, name, relations))
        for node in graph.kpis.values():
            if (name := _own_name(node, self.graph.kpis)) is not None:
                names[node.name] = name
                reading = relations if node.text else names
                self.graph.kpis.setdefault(name, _renamed(node, name, reading))
                kpi = self.eras[number].registry.kpis[node.name]
                self.registry.kpis[name] = msgspec.structs.replace(kpi, id=name)
                self._origin.setdefault(name, (node.name, number))
        before = self.eras[number + 1].since
        for name, reason in graph.broken.items():
            if name not in self.graphs[-1].broken:
                self.graph.broken[f"{name} before {before}"] = reason

    def _bind(self) -> None:
        """Note which days each KPI's table answers for, where it isn't all."""
        starts = [dt.date.min, *(era.since or dt.date.min for era in self.eras[1:]), dt.date.max]
        spans = [Span(*ends) for ends in pairwise(starts)]
        for kpi in {k for graph in self.graphs for k in graph.kpis}:
            there = [kpi in graph.kpis for graph in self.graphs]
            names = [names.get(kpi, kpi) for names in self.names]
            if all(there) and len(set(names)) == 1:
                continue
            for has, name, span in zip(there, names, spans, strict=True):
                if has:
                    self._spans.setdefault(name, []).append(span)


def _copy(graph: Graph) -> Graph:
    return Graph(
        facts=graph.facts,
        projections=dict(graph.projections),
        kpis=dict(graph.kpis),
        broken=dict(graph.broken),
        calendar=graph.calendar,
    )


def _own_name(node: Node, newest: Mapping[str, Node]) -> str | None:
    """Return the name of its own under which a node is derived; None where it is the newest."""
    same = newest.get(node.name)
    if same is not None and same.fingerprint == node.fingerprint:
        return None
    return derived_name(node.name, node.fingerprint)


def _renamed(node: Node, name: str, names: Mapping[str, str]) -> Node:
    """Return a node under another name, reading what its era has."""
    return msgspec.structs.replace(
        node,
        name=name,
        reads=tuple(names.get(r, r) for r in node.reads),
        text=sql.reading(node.text, names) if node.text else "",
        held={a: names.get(p, p) for a, p in node.held.items()},
    )


def _start(day: dt.date | None, calendar: Calendar) -> int:
    return ALWAYS if day is None else micros(calendar.midnight(day))


def _fingerprint_at(held: Sequence[Definition], t0: int) -> str | None:
    return next((d.fingerprint for d in reversed(held) if d.since <= t0), None)
