"""A trial: KPIs that no replay knows yet, asked of the state that the last one left."""

from __future__ import annotations

from kamengine.draft import Draft
from kamengine.engine import decode, evidence
from kamengine.engine.session import STATE, WHOLE, Session, name
from kamengine.errors import ReplayError
from kamengine.kpi import KPI
from kamengine.periods import Window
from kamengine.replay.book import Definition
from kamengine.replay.graph import Graph, build
from kamengine.replay.reading import Reader
from kamengine.settings import Limits, Settings
from kamengine.workspace import Workspace

PATIENCE = 30
"""Seconds after which a draft is stopped: its author waits for it."""

ROOM = "2GB"
"""What a draft may write to the disk where its memory doesn't do."""


def drafting(limits: Limits, seconds: int | None = None) -> Limits:
    """Return what a draft may cost.

    Args:
        limits: What a definition may cost that is applied.
        seconds: How long its author is willing to wait.
    """
    return Limits(
        seconds=seconds or min(PATIENCE, limits.seconds),
        memory=limits.memory,
        spill=limits.spill or ROOM,
    )


class Trial(Reader):
    """Answers for a draft from the facts of a workspace, and writes nothing anywhere.

    Projections that the draft brings, or that read one that it brings, are made for the question
    and forgotten; so is evidence.

    Args:
        workspace: The folder; something must have been replayed in it.
        draft: The definitions to try.
        settings: What the organisation decided.

    Raises:
        ReplayError: Nothing was replayed yet.
    """

    def __init__(self, workspace: Workspace, draft: Draft, settings: Settings) -> None:
        self.draft = draft
        self._tried: Graph = build(draft.registry, settings)
        super().__init__(workspace, draft.registry, settings)

    def plan(self, kpi: KPI, window: Window) -> str:
        """Return how the engine means to gather a KPI's evidence: the plan of its query.

        Raises:
            ReplayError: The query can't be run.
        """
        node = self._tried.kpis[kpi.id]
        if not node.text:
            return ""
        with self.asking(window) as session:
            return str(session.rows(f"EXPLAIN {node.text}")[0][1])

    def reason(self, kpi: KPI) -> str | None:
        """Return why a KPI can't be derived at all, or None where it can be tried."""
        return self._tried.broken.get(kpi.id)

    def _follow(self) -> None:
        super()._follow()
        registry = self.draft.registry
        self.definitions |= {
            kpi_id: Definition(
                kpi=kpi_id,
                definition=self._tried.definition(registry.kpis[kpi_id]),
                unit=registry.kpis[kpi_id].unit,
                problem=self._tried.broken.get(kpi_id),
            )
            for kpi_id in self.draft.kpis
        }

    def _keeps(self, kpi: KPI) -> bool:
        return kpi.id not in self.draft.kpis

    def _offer(self, session: Session) -> None:
        """Offer relations in the order in which they rest on each other."""
        held = session.rows(
            "SELECT table_name FROM duckdb_tables()"
            f" WHERE database_name = '{STATE}' AND schema_name IN ('facts', 'projections')"
        )
        there = {row[0] for row in held}
        for event_type in self.draft.registry.fact_types.values():
            if event_type.table not in there:
                columns = decode.listed_columns(event_type)
                session.run(f"CREATE TABLE memory.{WHOLE}.{name(event_type.table)} ({columns})")
        made: set[str] = set()
        needed = self._needed()
        for node in self._tried.projections.values():
            target = f"memory.{WHOLE}.{name(node.name)}"
            fresh = node.name in self.draft.fresh or bool(made.intersection(node.reads))
            if node.name not in needed or (node.stored and not fresh and node.name in there):
                continue
            kind = "TABLE" if fresh else "VIEW"
            session.run(f"DROP VIEW IF EXISTS {target}")
            try:
                session.run(f"CREATE {kind} {target} AS {node.text}")
            except ReplayError as error:
                error.where = f"projection {node.name}"
                raise
            made |= {node.name} if fresh else set()

    def _needed(self) -> set[str]:
        """Return the projections that the draft's KPIs go back to, by whatever way."""
        waiting = list(evidence.ATTRIBUTION)
        for kpi in self.draft.kpis:
            if kpi in self._tried.kpis:
                waiting += self._tried.kpis[kpi].reads
        needed: set[str] = set()
        while waiting:
            relation = waiting.pop()
            node = self._tried.projections.get(relation) or self._tried.kpis.get(relation)
            if node is not None and relation not in needed:
                needed.add(relation)
                waiting += node.reads
        return needed
