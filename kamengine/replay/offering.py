"""What definitions' queries may read, by the names under which they know it."""

from __future__ import annotations

from collections.abc import Iterable

from kamengine.engine.session import PART, SHARED, STATE, WHOLE, Session, listed, name
from kamengine.plugins import Registry
from kamengine.replay.graph import Graph

FEW_ACCOUNTS = 50
"""Up to so many stale accounts are named in queries."""


class Offering:
    """The views that queries read: all rows of each relation, or those of stale accounts alone.

    Args:
        session: On the state file.
        registry: The event types, whose facts are offered.
        graph: The definitions, whose projections are.

    Attributes:
        stale_rows: The condition that picks the rows of stale accounts and of none.
    """

    def __init__(self, session: Session, registry: Registry, graph: Graph) -> None:
        self.session = session
        self.graph = graph
        self.stale_rows = "FALSE"
        self._event_types = {t.table: t for t in registry.fact_types.values()}
        self._offered: set[tuple[str, str]] = set()
        self._by_accounts: dict[str, bool] = {}

    def find_stale(self) -> None:
        """Take up which accounts are stale."""
        stale = f"SELECT account_id FROM {SHARED}.stale_accounts"
        accounts = [row[0] for row in self.session.rows(stale)]
        if len(accounts) > FEW_ACCOUNTS:
            picked = f"account_id IN ({stale})"
        else:  # names in the query let DuckDB skip what can't match
            picked = f"account_id IN ({listed(accounts)})"
        self.stale_rows = f"({picked} OR account_id IS NULL)"

    def look_at(self, schema: str, relations: Iterable[str]) -> None:
        """Let the next queries read relations, as a schema has them."""
        self._offer(schema, relations)
        self.session.look_at(schema)

    def withdraw(self, relation: str) -> None:
        """Forget what was offered of a relation that has just changed."""
        self._offered -= {(WHOLE, relation), (PART, relation)}

    def forget(self, relation: str) -> None:
        """Forget what rows a relation has: it was made anew by another query."""
        self._by_accounts.pop(relation, None)

    def by_account(self, relation: str) -> bool:
        """Tell whether a relation's rows belong to accounts."""
        if relation in self._event_types:
            return self._event_types[relation].account != "none"
        if relation not in self._by_accounts:
            node = self.graph.projections[relation]
            query = node.text
            if node.stored:
                query = f"SELECT * FROM {STATE}.projections.{name(relation)}"
            else:
                self.look_at(WHOLE, node.reads)
            self._by_accounts[relation] = "account_id" in self.session.columns(query)
        return self._by_accounts[relation]

    def _offer(self, schema: str, relations: Iterable[str]) -> None:
        for relation in relations:
            if (schema, relation) in self._offered:
                continue
            self._offered.add((schema, relation))
            node = self.graph.projections.get(relation)
            if node is not None and not node.stored:
                self._offer(schema, node.reads)
                self.session.look_at(schema)
                target = f"memory.{schema}.{name(relation)}"
                self.session.run(f"CREATE OR REPLACE VIEW {target} AS {node.text}")
                continue
            layer = "facts" if node is None else "projections"
            source = f"SELECT * FROM {STATE}.{layer}.{name(relation)}"
            kind = "VIEW"
            if schema == PART and self.by_account(relation):
                source, kind = f"{source} WHERE {self.stale_rows}", "TABLE"
            self.session.run(f"DROP {kind} IF EXISTS memory.{schema}.{name(relation)}")
            self.session.run(f"CREATE {kind} memory.{schema}.{name(relation)} AS {source}")
