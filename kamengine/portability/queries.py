"""The parts of a query: joins, windows, and rows whose order or place decides."""

from __future__ import annotations

import re

from sqlglot import exp

from kamengine.portability.finding import Fault, Rule

JOINS = frozenset({"", "OUTER", "INNER", "CROSS", "SEMI", "ANTI"})
ORDERED_ONLY = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue)
RELATION = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE)


def _join(node: exp.Expr) -> Fault | None:
    if node.text("method").upper() == "NATURAL":
        return Fault("joins by whichever names match", "name them: USING (...)")
    if node.args.get("method"):
        return Fault(
            "is a join that Spark lacks",
            "join intervals by `valid_from` and `valid_to` (lead() makes them), or carry the last"
            " row along with last_value(x IGNORE NULLS)",
        )
    return (
        None
        if node.text("kind") in JOINS
        else Fault("is a join that Spark lacks", "write INNER JOIN")
    )


def _table(node: exp.Expr) -> Fault | None:
    if isinstance(node.this, exp.Func):
        return None
    if node.args.get("db") or not RELATION.fullmatch(node.name):
        return Fault(
            "is a file, or in a schema: no replay can promise what is there",
            "select from event types, projections and windows, by name alone",
            repeatable=False,
        )
    return None


def _limit(node: exp.Expr) -> Fault | None:
    if node.parent is not None and node.parent.args.get("order"):
        return None
    return Fault(
        "keeps whichever rows come first", "order by a unique key, with row_number()", False
    )


def _window(node: exp.Expr) -> Fault | None:
    called = node.this.this if isinstance(node.this, exp.IgnoreNulls) else node.this
    named = node.args.get("alias") or isinstance(node.parent, exp.Select)
    if isinstance(called, ORDERED_ONLY) and not node.args.get("order") and not named:
        return Fault("numbers rows in no order", "ORDER BY a unique key", repeatable=False)
    if isinstance(called, exp.Filter) or isinstance(called.this, exp.Distinct):
        return Fault("filters rows or tells them apart in a window", "do so in a CTE before it")
    if node.args.get("alias") and (node.args.get("spec") or node.args.get("order")):
        return Fault("adds to a named window", "write the window out")
    return None


def _frame(node: exp.Expr) -> Fault | None:
    if str(node.args.get("kind")).upper() == "GROUPS" or node.args.get("exclude"):
        return Fault("is a frame that Spark lacks", "write ROWS or RANGE")
    return None


def _qualify(node: exp.Expr) -> Fault | None:
    select = node.parent
    if isinstance(select, exp.Select) and any(item.is_star for item in select.expressions):
        return Fault("keeps its rank among the columns of a *", "name the columns")
    return None


def _group(node: exp.Expr) -> Fault | None:
    if node.args.get("all") or any(isinstance(e, exp.Literal) for e in node.expressions):
        return Fault("names columns by their place", "name them")
    return None


def _order(node: exp.Expr) -> Fault | None:
    for item in node.expressions:
        if isinstance(item.this, exp.Literal | exp.Var):
            return Fault("names columns by their place", "name them")
    return None


def _star(node: exp.Expr) -> Fault | None:
    if node.args.get("replace") or node.args.get("rename"):
        return Fault("changes columns within a *", "name them")
    return None


def _distinct(node: exp.Expr) -> Fault | None:
    if node.args.get("on"):
        return Fault("keeps a row of each kind", "rank with row_number() and keep the first")
    return None


def _union(node: exp.Expr) -> Fault | None:
    if node.args.get("by_name"):
        return Fault("matches columns by name", "write them in the same order")
    return None


def _recursion(node: exp.Expr) -> Fault | None:
    return Fault("goes round", "state the steps") if node.args.get("recursive") else None


def _in(node: exp.Expr) -> Fault | None:
    query = node.args.get("query")
    select = query.this if query is not None else None
    if isinstance(select, exp.Select) and any(isinstance(e, exp.Tuple) for e in select.selects):
        return Fault("compares with a row in brackets", "write IN (SELECT a, b ...)")
    return None


RULES: dict[type[exp.Expr], Rule] = {
    exp.Distinct: _distinct,
    exp.Group: _group,
    exp.In: _in,
    exp.Join: _join,
    exp.Limit: _limit,
    exp.Order: _order,
    exp.Qualify: _qualify,
    exp.Star: _star,
    exp.Table: _table,
    exp.Union: _union,
    exp.Window: _window,
    exp.WindowSpec: _frame,
    exp.With: _recursion,
}
