"""The syntax that definitions may use, and what is wrong with the rest.

Each rule says of a node what is wrong with it, or nothing. What no rule and no list knows is
refused: an engine's novelty is portable when somebody has looked at it on both.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from kamengine.portability.finding import Fault

PLAIN: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Add, exp.Alias, exp.And, exp.Between, exp.Boolean, exp.CTE, exp.Case, exp.Column,
        exp.DPipe, exp.DataTypeParam, exp.Dot, exp.EQ, exp.Escape, exp.Except, exp.Exists,
        exp.From, exp.GT, exp.GTE, exp.Having, exp.ILike, exp.Identifier, exp.If, exp.IgnoreNulls,
        exp.Intersect, exp.Is, exp.LT, exp.LTE, exp.Like, exp.Literal, exp.Mul, exp.NEQ, exp.Neg,
        exp.Not, exp.Null, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Offset, exp.Or, exp.Ordered,
        exp.Paren, exp.Placeholder, exp.PropertyEQ, exp.Select, exp.Struct, exp.Subquery,
        exp.TableAlias, exp.Tuple, exp.Values, exp.Var, exp.Where,
    }
)  # fmt: skip
"""Nodes that mean the same wherever they stand."""

REFUSED: dict[type[exp.Expr], Fault] = {
    exp.Any: Fault("compares with any row of a query", "write IN or EXISTS"),
    exp.ArrayFilter: Fault("takes a lambda", "unnest the list and filter its rows"),
    exp.AtTimeZone: Fault("asks each engine's own zones", "call local_start or local_date"),
    exp.Columns: Fault("picks columns by a pattern", "name them"),
    exp.Comprehension: Fault("is Python's way to a list", "unnest it"),
    exp.DateTrunc: Fault("gives each engine's own type", "CAST(date_trunc(...) AS DATE)"),
    exp.GroupConcat: Fault("joins texts in no order", "make evidence of each, in `part`"),
    exp.Lambda: Fault("is a lambda", "unnest the list"),
    exp.Lateral: Fault("is a join that looks left", "join on equality, or use a window function"),
    exp.PositionalColumn: Fault("names a column by its place", "name it"),
    exp.Slice: Fault("cuts a list", "unnest it and rank its items"),
    exp.TableSample: Fault("draws rows by chance", "ask for all", repeatable=False),
    exp.ToMap: Fault("is a map that Spark can't read", "write map([keys], [values])"),
    exp.Unnest: Fault("unnests in FROM", "unnest in the select list of a CTE"),
    exp.WithinGroup: Fault("orders an aggregate", "use a window function"),
}
"""Nodes that are never portable."""

FIXED_UNITS = frozenset({"MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK"})
TRUNCATIONS = frozenset({"YEAR", "QUARTER", "MONTH", "WEEK", "DAY"})
EXTRACTIONS = frozenset({"YEAR", "QUARTER", "MONTH", "DAY"})
TYPES = frozenset(
    {
        exp.DType.ARRAY, exp.DType.BIGINT, exp.DType.BOOLEAN, exp.DType.DATE, exp.DType.DECIMAL,
        exp.DType.INT, exp.DType.MAP, exp.DType.SMALLINT, exp.DType.STRUCT, exp.DType.TEXT,
        exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, exp.DType.VARCHAR,
    }
)  # fmt: skip
WHOLE = frozenset({exp.DType.BIGINT, exp.DType.INT, exp.DType.SMALLINT})
JOINS = frozenset({"", "OUTER", "INNER", "CROSS", "SEMI", "ANTI"})
ORDERED_ONLY = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue)
OF_THE_EVENT = frozenset({"event_id", "id", "occurred_at", "recorded_at"})
"""Columns that every fact has: never NULL."""

INSTANT = re.compile(r"(_at|_on|_date|_from|_to|period_start|period_end|^t[01])$")
RELATION = re.compile(r"[a-z_][a-z0-9_]*", re.IGNORECASE)
SORTED_THROUGH = (exp.Filter, exp.Coalesce, exp.Flatten, exp.ArrayConcat, exp.ArrayDistinct)


def _division(_: exp.Expr) -> Fault | None:
    return Fault(
        "divides: by zero inf or an error, and of decimals a DOUBLE or a rounded decimal",
        "let the engine divide numerator by denominator, or call quotient(a, b)",
    )


def _whole_division(node: exp.Expr) -> Fault | None:
    if isinstance(node.expression, exp.Literal | exp.Nullif):
        return None
    return Fault("divides: by zero NULL or an error", "divide by nullif(x, 0)")


def _difference(node: exp.Expr) -> Fault | None:
    both = [side for side in (node.this, node.expression) if isinstance(side, exp.Column)]
    if len(both) > 1 and all(INSTANT.search(side.name) for side in both):
        return Fault(
            "subtracts times: a number or an interval",
            "call seconds_between(from, to), or date_diff('day', from, to) of dates",
        )
    return None


def _interval(node: exp.Expr) -> Fault | None:
    unit = str(node.args.get("unit") or "").upper().removesuffix("S")
    if unit not in FIXED_UNITS:
        return Fault("is an interval of no fixed length", "call months_after(date, n)")
    if not isinstance(node.this, exp.Literal):
        return Fault("is an interval that is computed", "add days to a DATE: date + n")
    return None


def _join(node: exp.Expr) -> Fault | None:
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


def _type(node: exp.Expr) -> Fault | None:
    if isinstance(node, exp.DataType) and node.this not in TYPES:
        return Fault(
            "is a type that the engines don't share, or that isn't exact",
            "DECIMAL(38, 6), BIGINT, VARCHAR, BOOLEAN, DATE, TIMESTAMP, and lists of them",
        )
    return None


def _cast(node: exp.Expr) -> Fault | None:
    whole = (exp.Floor, exp.Ceil, exp.Round, exp.Literal, exp.Null, exp.Predicate, exp.Connector,
             exp.Not, exp.Paren, exp.Count, exp.DateDiff, exp.TryCast)  # fmt: skip
    if node.args["to"].this in WHOLE and not isinstance(node.this, whole):
        return Fault(
            "makes a whole number by rounding or by cutting off", "say which: round or floor"
        )
    return None


def _bracket(node: exp.Expr) -> Fault | None:
    if any(item.is_number for item in node.expressions):
        return Fault(
            "picks an item by its place: beyond the end NULL or an error",
            "unnest the list and rank its items",
        )
    return None


def _in(node: exp.Expr) -> Fault | None:
    query = node.args.get("query")
    select = query.this if query is not None else None
    if isinstance(select, exp.Select) and any(isinstance(e, exp.Tuple) for e in select.selects):
        return Fault("compares with a row in brackets", "write IN (SELECT a, b ...)")
    return None


def _list(node: exp.Expr) -> Fault | None:
    if node.find(exp.Order):
        return Fault("is a list in an order that Spark drops", "list_sort(list(x))")
    around = node.parent
    while isinstance(around, SORTED_THROUGH):
        around = around.parent
    if not isinstance(around, exp.ArraySort):
        return Fault("is a list in no order", "list_sort(list(x))", repeatable=False)
    if isinstance(node.parent, exp.Filter) and not isinstance(node.parent.parent, exp.Coalesce):
        return Fault("is NULL or empty where nothing is left", "coalesce(list(...) ..., [])")
    # DuckDB passes over a NULL among lists where it flattens them, Spark where it gathers them
    return None if isinstance(node.parent, exp.Flatten) else _nullable(node)


def _nullable(node: exp.Expr) -> Fault | None:
    """A NULL is passed over by one engine and kept by the other."""
    picked = node.this
    if isinstance(picked, exp.Literal) or picked.name in OF_THE_EVENT:
        return None
    guard = node.parent.expression if isinstance(node.parent, exp.Filter) else None
    for test in guard.find_all(exp.Is) if guard is not None else ():
        if isinstance(test.parent, exp.Not) and test.this == picked:
            return None
    return Fault(
        "keeps a NULL on one engine and passes it over on the other",
        f"add FILTER (WHERE {picked.sql()} IS NOT NULL)",
    )


def _unordered_set(node: exp.Expr) -> Fault | None:
    around = node.parent
    while isinstance(around, exp.Case | exp.If | exp.Coalesce):
        around = around.parent
    if isinstance(around, exp.ArraySort | exp.Explode):
        return None
    return Fault("is a list in no order", "list_sort(list_distinct(x))", repeatable=False)


def _joined_lists(node: exp.Expr) -> Fault | None:
    sure = (exp.Array, exp.Coalesce, exp.ArrayConcat, exp.ArraySort)
    if all(isinstance(item, sure) for item in (node.this, *node.expressions)):
        return None
    return Fault("is NULL on Spark where a list is", "coalesce(x, []) each list that may be NULL")


def _explode(node: exp.Expr) -> Fault | None:
    if node.expressions:
        return Fault("unnests in depth", "unnest step by step")
    column = node.parent if isinstance(node.parent, exp.Alias) else node
    select = column.parent
    if not isinstance(select, exp.Select) or column.arg_key != "expressions":
        return Fault("unnests within an expression", "unnest into a column, compute in a CTE after")
    if sum(1 for item in select.expressions if isinstance(item.unalias(), exp.Explode)) > 1:
        return Fault("unnests twice in a select list", "unnest once, or in two CTEs")
    return None


def _series(node: exp.Expr) -> Fault | None:
    if not isinstance(node.parent, exp.Explode):
        return Fault("is a list of numbers", "unnest(range(...))")
    if node.find(exp.Interval):
        return Fault("steps by intervals", "months_after(first, n), or date + n, of numbers n")
    return None


def _date_diff(node: exp.Expr) -> Fault | None:
    if str(node.args.get("unit")).upper() != "DAY":
        return Fault(
            "counts boundaries on one engine and whole units on the other",
            "in days between dates, or seconds_between(from, to)",
        )
    return None


def _truncation(node: exp.Expr) -> Fault | None:
    if str(node.args.get("unit")).upper() not in TRUNCATIONS:
        return Fault("cuts to another unit", "year, quarter, month, week or day")
    if isinstance(node.parent, exp.Cast) and node.parent.to.this in (exp.DType.DATE,):
        return None
    return Fault("gives each engine's own type", "CAST(date_trunc(...) AS DATE)")


def _extraction(node: exp.Expr) -> Fault | None:
    if node.this.name.upper() not in EXTRACTIONS:
        return Fault(
            "means another number on each engine", "year, quarter, month, day; or iso_weekday(date)"
        )
    return None


RULES: dict[type[exp.Expr], Callable[[exp.Expr], Fault | None]] = {
    exp.ArgMax: _nullable,
    exp.ArgMin: _nullable,
    exp.ArrayAgg: _list,
    exp.ArrayConcat: _joined_lists,
    exp.ArrayDistinct: _unordered_set,
    exp.Bracket: _bracket,
    exp.Cast: _cast,
    exp.DataType: _type,
    exp.DateDiff: _date_diff,
    exp.Distinct: _distinct,
    exp.Div: _division,
    exp.Explode: _explode,
    exp.Extract: _extraction,
    exp.Filter: lambda _: None,
    exp.GenerateSeries: _series,
    exp.Group: _group,
    exp.In: _in,
    exp.IntDiv: _whole_division,
    exp.Interval: _interval,
    exp.Join: _join,
    exp.Limit: _limit,
    exp.Mod: _whole_division,
    exp.Order: _order,
    exp.Qualify: _qualify,
    exp.Star: _star,
    exp.Sub: _difference,
    exp.Table: _table,
    exp.TimestampTrunc: _truncation,
    exp.TryCast: _cast,
    exp.Union: _union,
    exp.Window: _window,
    exp.WindowSpec: _frame,
    exp.With: _recursion,
}
"""Nodes that are portable on a condition."""
