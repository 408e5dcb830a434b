"""A workbench: every relation that SQL may read, empty, with the columns that it would have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Self

import msgspec
from sqlglot import TokenType, tokenize

from kamengine import sql
from kamengine.engine import decode, evidence, formulas, valuation
from kamengine.engine.session import STATE, WHOLE, Session, name
from kamengine.engine.windows import MONTHS, WINDOWS, set_windows
from kamengine.errors import DefinitionError, ReplayError
from kamengine.kpi import KPI, Formula
from kamengine.plugins import ENGINE_RELATIONS, Registry
from kamengine.replay import graph as graphs
from kamengine.settings import Settings
from kamengine.suggestions import suggest

MISSING = re.compile(
    r'(?:Referenced (?:column|table)|does not have a column named) "([^"]+)"'
    r"|(?:Table|Function) with name (\S+) does not exist"
)
OFFERED = re.compile(r'"([^"]+)"')


class Stumble(msgspec.Struct, frozen=True):
    """Why and where a definition's SQL can't be bound.

    Attributes:
        message: What is wrong, as a clause.
        offset: The character of the SQL, as its author wrote it.
        hint: The nearest name that there is, if any is near.
        word: The name that isn't known, if it is one.
    """

    message: str
    offset: int
    hint: str | None
    word: str | None


class Bench:
    """Binds definitions to empty relations.

    Args:
        registry: The packs.

    Attributes:
        graph: What depends on what.
    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.settings = Settings()
        self.graph = graphs.build(registry, self.settings)
        self._session = Session(None, self.settings.calendar)

    def __enter__(self) -> Self:
        for schema in ("facts", "projections"):
            self._session.run(f"CREATE SCHEMA {STATE}.{schema}")
        set_windows(self._session, [])
        for event_type in self.registry.event_types.values():
            decode.create_facts(self._session, event_type)
            self._offer(event_type.table, f"SELECT * FROM {decode.fact_table(event_type)}")
        self._session.look_at(WHOLE)
        for node in self.graph.projections.values():
            if self._session.unbound(node.text) is None:
                table = f"{STATE}.projections.{name(node.name)}"
                self._session.run(f"CREATE TABLE {table} AS {node.text} LIMIT 0")
                self._offer(node.name, f"SELECT * FROM {table}")
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def stumble(self, text: str, params: dict[str, object]) -> Stumble | None:
        """Return why and where SQL, as its author wrote it, can't be bound; None where it can."""
        bound, places = _bound(text, self.settings.shared_params | params)
        found = self._session.unbound(bound)
        if found is None:
            return None
        message = found.message.splitlines()[0].rstrip("!.")
        word = next((w for w in _groups(MISSING.search(message)) if w), None)
        listed = found.message.partition("Candidate")[2]
        hint = (
            suggest(word, [*OFFERED.findall(listed), *self._known(text, params)]) if word else None
        )
        return Stumble(message, _origin(found.offset, places), hint, word)

    def formula_problem(self, kpi: KPI) -> str | None:
        """Return why a formula can't be computed from the values of its operands."""
        if not isinstance(kpi.value, Formula):
            raise TypeError(kpi.value)
        columns = ", ".join(f"NULL AS {name(column)}" for column in valuation.COLUMNS)
        numbers = {"numerator", "denominator", "count", "value"}
        for column in numbers:
            columns = columns.replace(
                f"NULL AS {name(column)}", f"CAST(NULL AS DECIMAL(38, 6)) AS {name(column)}"
            )
        relations = dict.fromkeys(kpi.value.operands, f"(SELECT {columns} LIMIT 0)")
        query = formulas.formula(kpi, graphs.literal_params(kpi, self.settings), relations)
        found = self._session.unbound(query)
        return found.message.splitlines()[0].rstrip("!.") if found else None

    def columns(self, text: str) -> dict[str, str]:
        """Return the columns of bound SQL and their types."""
        return self._session.columns(text)

    def refusal(self, text: str, of: str) -> DefinitionError | None:
        """Return why what bound SQL returns isn't evidence, or None where it is."""
        try:
            evidence.attributed(text, self.columns(text), set(), of)
        except DefinitionError as error:
            return error
        return None

    def _offer(self, relation: str, query: str) -> None:
        self._session.run(f"CREATE VIEW memory.{WHOLE}.{name(relation)} AS {query}")

    def _known(self, text: str, params: dict[str, object]) -> Iterable[str]:
        """Yield the names of relations, and of the columns of those that SQL reads."""
        relations = {*self.graph.facts, *self.graph.projections, *ENGINE_RELATIONS}
        yield from relations
        yield from (*WINDOWS.names, *MONTHS.names)
        reads = sql.parse(text, self.settings.shared_params | params).reads
        for relation in relations & set(reads):
            try:
                yield from self._session.columns(f"SELECT * FROM {name(relation)}")
            except ReplayError:  # what can't be bound itself is told by itself
                continue


def _groups(found: re.Match[str] | None) -> tuple[str | None, ...]:
    return found.groups() if found else ()


def _bound(text: str, params: dict[str, object]) -> tuple[str, list[tuple[int, int]]]:
    """Put literals in the place of parameters; return where pieces went, and where from."""
    pieces, places = [], [(0, 0)]
    done = length = 0
    tokens = tokenize(text, read=sql.DIALECT)
    for mark, word in pairwise(tokens):
        if mark.token_type is TokenType.PARAMETER and word.start == mark.end + 1:
            literal = sql.literal(params[word.text]).sql(dialect=sql.DIALECT)
            pieces += [text[done : mark.start], literal]
            length += mark.start - done + len(literal)
            done = word.end + 1
            places.append((length, done))
    return "".join([*pieces, text[done:]]), places


def _origin(offset: int, places: list[tuple[int, int]]) -> int:
    """Return the place in the SQL as written that a place in the bound SQL came from."""
    went, came = max(place for place in places if place[0] <= offset)
    return came + offset - went
