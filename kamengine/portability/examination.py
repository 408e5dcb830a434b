"""Looking a definition's SQL over: what Spark would not run, or not alike; what none may do."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from kamengine.portability.constructs import PLAIN, REFUSED, RULES
from kamengine.portability.finding import Fault, Finding
from kamengine.portability.functions import (
    MACROS,
    NAMED,
    PORTABLE,
    REASONS,
    TABLE_FUNCTIONS,
)

UNKNOWN = Fault(
    "isn't in the list of portable functions", "docs/portability.md has the list and what to do"
)
UNKNOWN_SYNTAX = Fault("isn't known to be portable", "docs/portability.md says what is")
OUTSIDE = Fault(
    "reads what isn't in the log: no replay can promise what is there",
    "append it as events, and select from those",
    repeatable=False,
)
LEN = Fault("is of a text or of a list", "length(text), or array_length(list)")
KNOWN: frozenset[type[exp.Expr]] = PLAIN | RULES.keys() | REFUSED.keys() | PORTABLE.keys()
ENGINES_OWN = MACROS.keys() | NAMED.keys()


def examine(tree: exp.Query, text: str) -> tuple[Finding, ...]:
    """Return what is wrong with a query, what can't be repeated first, then by place.

    Args:
        tree: The query as parsed, names as they were written.
        text: What it was parsed from.
    """
    found = [
        Finding(*_place(node, text), _word(node, text), fault)
        for node in tree.walk()
        if (fault := _fault(node, text)) is not None
    ]
    return tuple(sorted(found, key=lambda f: (f.fault.repeatable, f.line, f.column)))


def _fault(node: exp.Expr, text: str) -> Fault | None:
    kind = type(node)
    if kind in PLAIN:
        return None
    fault = RULES[kind](node) if kind in RULES else REFUSED.get(kind)
    if isinstance(node, exp.Func):
        return _outside(node) or fault or _unlisted(node, text)
    return fault if kind in RULES or kind in REFUSED else UNKNOWN_SYNTAX


def _outside(node: exp.Func) -> Fault | None:
    """A query may make rows of numbers; whatever else stands in FROM reads something."""
    if isinstance(node.parent, exp.Table) and node.arg_key == "this":
        return None if _name(node) in TABLE_FUNCTIONS else OUTSIDE
    return None


def _unlisted(node: exp.Func, text: str) -> Fault | None:
    if isinstance(node, exp.Anonymous) and node.name.lower() in ENGINES_OWN:
        return None
    if _word(node, text) == "len":
        return LEN
    for name in (_word(node, text), _name(node)):
        if reason := REASONS.get(name):
            return Fault(
                f"rests on {reason}, so that a replay may give something else",
                "let events say it, or join `windows` for the period's end",
                repeatable=False,
            )
    kind: type[exp.Expr] = type(node)
    return None if kind in KNOWN else UNKNOWN


def _name(node: exp.Func) -> str:
    return (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def _word(node: exp.Expr, text: str) -> str:
    """Return the function as it was written, or the construct's name in SQL."""
    if isinstance(node, exp.Func):
        if "start" in node.meta:
            written = text[node.meta["start"] : node.meta["end"] + 1].strip('"').lower()
            return written if written.isidentifier() else _name(node)
        return _name(node)
    if isinstance(node, exp.Table):
        return node.sql(dialect="duckdb", comments=False)
    if isinstance(node, exp.Join):
        return f"{node.args.get('method') or node.text('kind')} JOIN"
    return WORDS.get(type(node)) or node.key.upper()


WORDS: dict[type[exp.Expr], str] = {
    exp.Bracket: "[...]",
    exp.DataType: "type",
    exp.Div: "/",
    exp.Group: "GROUP BY",
    exp.IntDiv: "//",
    exp.Mod: "%",
    exp.Order: "ORDER BY",
    exp.Star: "*",
    exp.Sub: "-",
    exp.TableSample: "SAMPLE",
    exp.Window: "OVER",
    exp.With: "WITH RECURSIVE",
}


def _place(node: exp.Expr, text: str) -> tuple[int, int]:
    """Return line and column of the first token of a node that is known to stand somewhere."""
    start = min(_starts(node), default=None)
    above = node.parent
    while start is None and above is not None:
        start = min(_starts(above), default=None)
        above = above.parent
    before = text[: start or 0]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _starts(node: exp.Expr) -> Iterator[int]:
    return (n.meta["start"] for n in node.walk() if "start" in n.meta)
