"""The syntax that definitions may use, and what is wrong with the rest.

Each rule says of a node what is wrong with it, or nothing. What no rule and no list knows is
refused: an engine's novelty is portable when somebody has looked at it on both.
"""

from __future__ import annotations

from sqlglot import exp

from kamengine.portability import lists, queries, values
from kamengine.portability.finding import Fault, Rule

PLAIN: frozenset[type[exp.Expr]] = frozenset(
    {
        exp.Add, exp.Alias, exp.And, exp.Between, exp.Boolean, exp.CTE, exp.Case, exp.Column,
        exp.DPipe, exp.DataTypeParam, exp.Dot, exp.EQ, exp.Escape, exp.Except, exp.Exists,
        exp.Filter,
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

RULES: dict[type[exp.Expr], Rule] = {**values.RULES, **lists.RULES, **queries.RULES}
"""Nodes that are portable on a condition."""
