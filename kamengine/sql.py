"""SQL as code: parsed once for what it reads, what it means, and what it runs as."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import msgspec
import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError, TokenError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers
from sqlglot.optimizer.scope import traverse_scope

from kamengine.errors import DefinitionError
from kamengine.portability.examination import examine
from kamengine.portability.finding import Finding

DIALECT = "duckdb"


MOST_PARSED = 4_096
"""Queries remembered: a replay parses all definitions, and a follower replays every second."""

_PARSED: dict[tuple[str, str, str], Query] = {}


class Query(msgspec.Struct, frozen=True):
    """A parsed query with its parameters bound.

    Attributes:
        text: The SQL that runs: what was fingerprinted is what is executed.
        reads: The relations that it reads and doesn't define itself, sorted.
        fingerprint: A hash of the syntax tree: comments, case and layout don't count.
        findings: What keeps it from running on Spark, and what no replay could repeat.
    """

    text: str
    reads: tuple[str, ...]
    fingerprint: str
    findings: tuple[Finding, ...] = ()


def parse(sql: str, params: dict[str, object] | None = None, *, where: str = "SQL") -> Query:
    """Parse one SELECT and bind its ``$name`` parameters as literals.

    Args:
        sql: DuckDB SQL, one statement.
        params: The value of each parameter. One that the SQL doesn't mention is no error.
        where: What the SQL belongs to, for messages.

    Raises:
        DefinitionError: It doesn't parse, isn't a query, or names an unknown parameter.
    """
    bound = params or {}
    key = (sql, where, repr(sorted(bound.items())))
    if key not in _PARSED:
        if len(_PARSED) >= MOST_PARSED:
            _PARSED.clear()
        _PARSED[key] = _bound(sql, bound, where)
    return _PARSED[key]


def _bound(sql: str, params: dict[str, object], where: str) -> Query:
    tree = _tree(sql, where)
    for placeholder in list(tree.find_all(exp.Placeholder)):
        if placeholder.name not in params:
            raise DefinitionError(
                "The SQL names a parameter that isn't declared",
                value=f"${placeholder.name}",
                where=where,
                hint=f"declared: {', '.join(f'${p}' for p in sorted(params)) or 'none'}",
            )
        placeholder.replace(literal(params[placeholder.name]))
    findings = examine(tree, sql)
    normal = normalize_identifiers(tree, dialect=DIALECT)
    text = normal.sql(dialect=DIALECT, comments=False)
    return Query(text, _reads(normal, where), fingerprint(text), findings)


def normalised(sql: str, *, where: str = "SQL") -> str:
    """Return SQL written out from its syntax tree: what two texts of one meaning have in common.

    Raises:
        DefinitionError: It doesn't parse, or isn't a query.
    """
    tree = normalize_identifiers(_tree(sql, where), dialect=DIALECT)
    return tree.sql(dialect=DIALECT, comments=False, pretty=True)


def fingerprint(*parts: str) -> str:
    """Hash parts in order into a short name that changes when any of them does."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def literal(value: object) -> exp.Expression:
    """Turn a parameter's value into a literal that has its exact SQL type."""
    tree: exp.Expression
    match value:
        case None:
            tree = exp.Null()
        case bool():
            tree = exp.Boolean(this=value)
        case int() | Decimal():
            tree = exp.Literal.number(f"{value:f}" if isinstance(value, Decimal) else str(value))
        case tuple():
            tree = exp.Array(expressions=[literal(v) for v in value])
        case dict():
            # in order of keys: whoever rearranges a YAML file changes no definition
            keys = exp.Array(expressions=[literal(k) for k in sorted(value)])
            values = exp.Array(expressions=[literal(value[k]) for k in sorted(value)])
            tree = exp.Map(keys=keys, values=values)
        case _:
            tree = exp.Literal.string(str(value))
    return tree


def _tree(sql: str, where: str) -> exp.Query:
    try:
        statements = sqlglot.parse(sql, dialect=DIALECT)
    except (ParseError, TokenError) as error:
        details = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
        place = f"{where}, line {details['line']}, column {details['col']}" if details else where
        message = details.get("description") or str(error).splitlines()[0]
        raise DefinitionError("The SQL doesn't parse", value=message, where=place) from error
    tree = statements[0] if len(statements) == 1 else None
    if not isinstance(tree, exp.Query):
        raise DefinitionError(
            "A definition must be one SELECT", value=sql.strip()[:60], where=where
        )
    return tree


def _reads(tree: exp.Query, where: str) -> tuple[str, ...]:
    """Name the relations that a query doesn't define itself.

    Names are looked up scope by scope: a CTE may have the name of the relation that it reads.
    """
    try:
        scopes = traverse_scope(tree)
    except OptimizeError as error:
        raise DefinitionError("The SQL doesn't parse", value=str(error), where=where) from error
    sources = (source for scope in scopes for source in scope.sources.values())
    read = {source.name for source in sources if isinstance(source, exp.Table)}
    own = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    read |= {table.name for table in tree.find_all(exp.Table) if table.name not in own}
    return tuple(sorted(read - {""}))
