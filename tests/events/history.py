"""A small log in memory: state events, ask for a projection, under every order of delivery."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterable, Iterator

import duckdb
import msgspec

from kamengine import sql
from kamengine.engine.session import macros
from kamengine.event import EventData, EventType, columns_of
from kamengine.periods import Calendar
from kamengine.plugins import Registry
from kamengine.projection import Projection

Row = tuple[object, ...]

ENVELOPE = {
    "event_id": "BIGINT",
    "id": "VARCHAR",
    "account_id": "VARCHAR",
    "manager_id": "VARCHAR",
    "occurred_at": "TIMESTAMP",
    "recorded_at": "TIMESTAMP",
    "source": "VARCHAR",
}


def day(text: str) -> dt.datetime:
    """Return the start of a day, or an instant of it, as facts have it: UTC, unsaid."""
    return dt.datetime.fromisoformat(text)


class Fact(msgspec.Struct, frozen=True):
    """An event as it reached the log."""

    id: str
    type: EventType
    occurred_at: str
    account: str | None
    manager: str | None
    data: EventData


class History:
    """Events that were stated, and what the projections make of them.

    Args:
        registry: The vocabulary.
        active_by: What decides that an account is active.
        hours_ahead: How far local time runs ahead of UTC.
    """

    def __init__(self, registry: Registry, active_by: str, hours_ahead: int) -> None:
        self.registry = registry
        self.params: dict[str, object] = {"reporting_currency": "USD", "active_by": active_by}
        self.hours_ahead = hours_ahead
        self.facts: list[Fact] = []

    def state(
        self,
        name: str,
        occurred_at: str,
        /,
        *,
        id: str | None = None,  # noqa: A002 - the envelope's own word
        account: str | None = "acme",
        manager: str | None = None,
        **data: object,
    ) -> None:
        """Add an event; its payload goes through the type's own validation."""
        event_type = self.registry.event_types[name]
        payload = msgspec.convert(data, event_type.data)
        event_id = id or f"e{len(self.facts) + 1}"
        if event_type.account == "none":
            account = None
        self.facts.append(Fact(event_id, event_type, occurred_at, account, manager, payload))

    def rows(self, projection: str, columns: str, *, account: str | None = None) -> list[Row]:
        """Return rows of a projection, sorted; events are named by their own ids.

        The same facts are delivered in four orders, and must give the same rows each time.

        Args:
            projection: Its name.
            columns: What to select.
            account: Leave out the facts of all other accounts.
        """
        facts = [f for f in self.facts if account is None or f.account in (account, None)]
        answers = [self._ask(d, projection, columns) for d in _deliveries(facts)]
        assert all(answer == answers[0] for answer in answers), "the order of delivery matters"
        return answers[0]

    def columns(self, projection: str) -> list[str]:
        """Return the names of a projection's columns."""
        with duckdb.connect() as connection:
            self._build(connection, [], projection)
            described = connection.execute(f"DESCRIBE {projection}").fetchall()
        return [str(row[0]) for row in described]

    def _ask(self, facts: list[Fact], projection: str, columns: str) -> list[Row]:
        with duckdb.connect() as connection:
            self._build(connection, facts, projection)
            found = connection.execute(f"SELECT {columns} FROM {projection}")
            names = [str(column[0]) for column in found.description or []]
            named = [_name_events(names, row, facts) for row in found.fetchall()]
            return sorted(named, key=repr)

    def _build(self, connection: duckdb.DuckDBPyConnection, facts: list[Fact], name: str) -> None:
        ahead = f"INTERVAL {self.hours_ahead} HOUR"
        for macro in macros(Calendar()):
            connection.execute(macro)
        connection.execute(
            f"CREATE OR REPLACE MACRO local_start(d) AS CAST(d AS TIMESTAMP) - {ahead}"
        )
        connection.execute(f"CREATE OR REPLACE MACRO local_date(t) AS CAST(t + {ahead} AS DATE)")
        tables = {t.table: t for t in self.registry.fact_types.values()}
        for relation in self._relations(name):
            if isinstance(relation, Projection):
                text = self._parse(relation).text
                connection.execute(f"CREATE VIEW {relation.name} AS {text}")
            else:
                _create_facts(connection, tables[relation], facts)

    def _relations(self, name: str) -> Iterator[Projection | str]:
        """List what a projection reads, and itself, each after what it reads in turn."""
        seen: dict[str, Projection | str] = {}

        def visit(relation: str) -> None:
            if relation in seen:
                return
            projection = self.registry.projections.get(relation)
            for read in self._parse(projection).reads if projection else ():
                visit(read)
            seen[relation] = projection or relation

        visit(name)
        yield from seen.values()

    def _parse(self, projection: Projection) -> sql.Query:
        return sql.parse(projection.sql, self.params, where=projection.name)


def _deliveries(facts: list[Fact]) -> Iterable[list[Fact]]:
    yield facts
    yield facts[::-1]
    for seed in (1, 2):
        shuffled = list(facts)
        random.Random(seed).shuffle(shuffled)
        yield shuffled


def _create_facts(
    connection: duckdb.DuckDBPyConnection, event_type: EventType, facts: list[Fact]
) -> None:
    payload = {
        n: t.replace("TIMESTAMPTZ", "TIMESTAMP") for n, t in columns_of(event_type.data).items()
    }
    columns = ENVELOPE | payload
    listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    connection.execute(f"CREATE TABLE {event_type.table} ({listed})")
    values = ", ".join(f"CAST(? AS {kind})" for kind in columns.values())
    for place, fact in enumerate(facts, start=1):
        if fact.type is event_type:
            envelope = (fact.id, fact.account, fact.manager, fact.occurred_at, None, None)
            data = (_bindable(getattr(fact.data, name)) for name in payload)
            connection.execute(
                f"INSERT INTO {event_type.table} VALUES ({values})",
                list(itertools.chain([place], envelope, data)),
            )


def _bindable(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}={v}" for k, v in value.items()) + "}"
    return value


def _name_events(names: list[str], row: Row, facts: list[Fact]) -> Row:
    """Put an event's own id where a row has the place at which it was delivered."""
    return tuple(
        facts[value - 1].id
        if name.endswith(("_event", "event_id")) and isinstance(value, int)
        else value
        for name, value in zip(names, row, strict=True)
    )
