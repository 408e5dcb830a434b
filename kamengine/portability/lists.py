"""Lists, and aggregates that pick: their order, their NULLs, and what becomes of them."""

from __future__ import annotations

from sqlglot import exp

from kamengine.portability.finding import Fault, Rule

OF_THE_EVENT = frozenset({"event_id", "id", "occurred_at", "recorded_at"})
"""Columns that every fact has: never NULL."""
SORTED_THROUGH = (exp.Filter, exp.Coalesce, exp.Flatten, exp.ArrayConcat, exp.ArrayDistinct)


def _bracket(node: exp.Expr) -> Fault | None:
    if any(item.is_number for item in node.expressions):
        return Fault(
            "picks an item by its place: beyond the end NULL or an error",
            "unnest the list and rank its items",
        )
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
    if isinstance(node.parent, exp.Filter):
        guards = node.parent.expression.this
        wanted = exp.Not(this=exp.Is(this=picked.copy(), expression=exp.Null()))
        if wanted in (guards.flatten() if isinstance(guards, exp.And) else [guards]):
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


RULES: dict[type[exp.Expr], Rule] = {
    exp.ArgMax: _nullable,
    exp.ArgMin: _nullable,
    exp.ArrayAgg: _list,
    exp.ArrayConcat: _joined_lists,
    exp.ArrayDistinct: _unordered_set,
    exp.Bracket: _bracket,
    exp.Explode: _explode,
    exp.GenerateSeries: _series,
}
