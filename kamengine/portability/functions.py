"""The functions that definitions may call, each reviewed on both engines.

An example stands beside each: both engines must give the same for it, and a test says so.
"""

from __future__ import annotations

import msgspec
from sqlglot import exp


class Function(msgspec.Struct, frozen=True):
    """A function that has one meaning on both engines.

    Attributes:
        name: What DuckDB calls it.
        spark: What Spark calls it.
        example: An expression in DuckDB's SQL.
        gives: Its value, as Python writes it.
        note: What to mind.
        aliases: Other names that DuckDB has for it.
    """

    name: str
    spark: str
    example: str
    gives: str
    note: str = ""
    aliases: tuple[str, ...] = ()


PORTABLE: dict[type[exp.Func], Function] = {
    exp.Abs: Function("abs", "abs", "abs(-2.5)", "Decimal('2.5')"),
    exp.ArgMax: Function(
        "arg_max",
        "max_by",
        "arg_max(x, y) FILTER (WHERE x IS NOT NULL) FROM (VALUES (1, 1), (NULL, 2)) AS t(x, y)",
        "1",
        "DuckDB passes over a NULL, Spark returns it: of an event's own columns, or with"
        " `FILTER (WHERE x IS NOT NULL)`.",
        ("max_by",),
    ),
    exp.ArgMin: Function(
        "arg_min",
        "min_by",
        "arg_min(x, y) FILTER (WHERE x IS NOT NULL) FROM (VALUES (1, 1), (NULL, 0)) AS t(x, y)",
        "1",
        "As `arg_max`.",
        ("min_by",),
    ),
    exp.Array: Function("[a, b]", "array", "[1, NULL]", "[1, None]"),
    exp.ArrayAgg: Function(
        "list",
        "collect_list",
        "list_sort(coalesce(list(x) FILTER (WHERE x IS NOT NULL), []))"
        " FROM (VALUES (2), (NULL), (1)) AS t(x)",
        "[1, 2]",
        "Inside `list_sort`, since rows come in no order. Spark drops a NULL and has `[]` where"
        " DuckDB has NULL: so of an event's own columns, or with `FILTER (WHERE x IS NOT NULL)`"
        " and `coalesce(..., [])`.",
        ("array_agg",),
    ),
    exp.ArrayAppend: Function(
        "list_append", "array_append", "list_append([1], 2)", "[1, 2]", "", ("array_append",)
    ),
    exp.ArrayConcat: Function(
        "list_concat",
        "concat",
        "list_concat([2], coalesce(NULL, [1]))",
        "[2, 1]",
        "With a NULL Spark's is NULL: give it `[...]` or `coalesce(..., [])`.",
        ("array_concat",),
    ),
    exp.ArrayContains: Function(
        "list_contains",
        "array_contains",
        "list_contains(['a', 'b'], 'b')",
        "True",
        "Of a list without NULLs.",
        ("array_contains", "list_has", "array_has"),
    ),
    exp.ArrayDistinct: Function(
        "list_distinct",
        "array_distinct",
        "list_sort(list_distinct([2, 1, 2]))",
        "[1, 2]",
        "Inside `list_sort` or `unnest`, since DuckDB's comes in no order; of a list without"
        " NULLs.",
        ("array_distinct",),
    ),
    exp.ArraySize: Function(
        "array_length", "size", "array_length([1, 2])", "2", "Not `len`, which is for texts."
    ),
    exp.ArraySort: Function(
        "list_sort", "array_sort", "list_sort([2, NULL, 1])", "[1, 2, None]", "", ("array_sort",)
    ),
    exp.Ceil: Function("ceil", "ceil", "ceil(2.1)", "Decimal('3')", "", ("ceiling",)),
    exp.Coalesce: Function("coalesce", "coalesce", "coalesce(NULL, 2)", "2", "", ("ifnull",)),
    exp.ConcatWs: Function(
        "concat_ws", "concat_ws", "concat_ws(', ', 'a', NULL, 'b')", "'a, b'", "Passes over NULLs."
    ),
    exp.Contains: Function("contains", "contains", "contains('abc', 'b')", "True", "Of a text."),
    exp.Count: Function(
        "count", "count", "count(DISTINCT x) FROM (VALUES (1), (NULL), (1)) AS t(x)", "1"
    ),
    exp.CountIf: Function(
        "count_if", "count_if", "count_if(x) FROM (VALUES (true), (NULL)) AS t(x)", "1"
    ),
    exp.DateDiff: Function(
        "date_diff",
        "datediff",
        "date_diff('day', DATE '2024-01-01', DATE '2024-01-31')",
        "30",
        "In days and between dates: DuckDB counts boundaries, Spark whole units."
        " `seconds_between` for instants.",
        ("datediff",),
    ),
    exp.TimestampTrunc: Function(
        "date_trunc",
        "date_trunc, trunc",
        "CAST(date_trunc('month', TIMESTAMP '2024-01-31 10:00:00') AS DATE)",
        "datetime.date(2024, 1, 1)",
        "To a year, quarter, month, week (from Monday) or day; inside `CAST(... AS DATE)`, since"
        " the engines give other types for a date.",
        ("datetrunc",),
    ),
    exp.Day: Function("day", "day", "day(DATE '2024-05-06')", "6"),
    exp.DenseRank: Function(
        "dense_rank", "dense_rank", "dense_rank() OVER (ORDER BY x) FROM (VALUES (1)) AS t(x)", "1"
    ),
    exp.Explode: Function(
        "unnest",
        "explode",
        "unnest([1, NULL])",
        "1",
        "Once in a select list, as a column of its own; of a list, not of a table's row.",
    ),
    exp.Extract: Function(
        "extract",
        "extract",
        "extract(year FROM DATE '2024-05-06')",
        "2024",
        "A year, quarter, month or day of the month; `iso_weekday` for the day of the week.",
    ),
    exp.FirstValue: Function(
        "first_value",
        "first_value",
        "first_value(x) OVER (ORDER BY x DESC) FROM (VALUES (1)) AS t(x)",
        "1",
    ),
    exp.Flatten: Function(
        "flatten",
        "flatten",
        "flatten([[1], [2, 3]])",
        "[1, 2, 3]",
        "Of lists none of which is NULL.",
    ),
    exp.Floor: Function("floor", "floor", "floor(-2.5)", "Decimal('-3')"),
    exp.GenerateSeries: Function(
        "range",
        "sequence",
        "unnest(range(2, 4))",
        "2",
        "Of whole numbers, inside `unnest`. For months: `months_after(first, n)` of each n.",
        ("generate_series",),
    ),
    exp.Greatest: Function(
        "greatest", "greatest", "greatest(1, NULL, 3)", "3", "Passes over NULLs."
    ),
    exp.Lag: Function(
        "lag", "lag", "lag(x, 1, 9) OVER (ORDER BY x) FROM (VALUES (1)) AS t(x)", "9"
    ),
    exp.LastDay: Function(
        "last_day", "last_day", "last_day(DATE '2024-02-05')", "datetime.date(2024, 2, 29)"
    ),
    exp.LastValue: Function(
        "last_value",
        "last_value",
        "last_value(x IGNORE NULLS) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT"
        " ROW) FROM (VALUES (1)) AS t(x)",
        "1",
    ),
    exp.Lead: Function(
        "lead", "lead", "lead(x, 1, 9) OVER (ORDER BY x) FROM (VALUES (1)) AS t(x)", "9"
    ),
    exp.Least: Function("least", "least", "least(NULL, 2, 3)", "2", "Passes over NULLs."),
    exp.Left: Function("left", "left", "left('abc', 2)", "'ab'"),
    exp.Length: Function(
        "length", "length", "length('äb')", "2", "Of a text; `array_length` of a list."
    ),
    exp.LogicalAnd: Function(
        "bool_and", "bool_and", "bool_and(x) FROM (VALUES (true), (NULL)) AS t(x)", "True"
    ),
    exp.LogicalOr: Function(
        "bool_or", "bool_or", "bool_or(x) FROM (VALUES (false), (NULL)) AS t(x)", "False"
    ),
    exp.Lower: Function("lower", "lower", "lower('ÄB')", "'äb'"),
    exp.Map: Function(
        "map",
        "map_from_arrays",
        "map(['a'], [1])['a']",
        "1",
        "What a parameter that is a dict becomes. A key that is missing gives NULL.",
    ),
    exp.MapKeys: Function("map_keys", "map_keys", "map_keys(map(['a'], [1]))", "['a']"),
    exp.Max: Function("max", "max", "max(x) FROM (VALUES (1), (NULL)) AS t(x)", "1"),
    exp.Min: Function("min", "min", "min(x) FROM (VALUES (1), (NULL)) AS t(x)", "1"),
    exp.Month: Function("month", "month", "month(DATE '2024-05-06')", "5"),
    exp.Nullif: Function("nullif", "nullif", "nullif(1, 1)", "None"),
    exp.Quarter: Function("quarter", "quarter", "quarter(DATE '2024-05-06')", "2"),
    exp.Rank: Function("rank", "rank", "rank() OVER (ORDER BY x) FROM (VALUES (1)) AS t(x)", "1"),
    exp.Replace: Function("replace", "replace", "replace('abc', 'b', 'x')", "'axc'"),
    exp.Right: Function("right", "right", "right('abc', 2)", "'bc'"),
    exp.Round: Function(
        "round",
        "round",
        "round(-1.2345675, 6)",
        "Decimal('-1.234568')",
        "Half away from zero; of decimals, since the engines round a DOUBLE in ways of their own.",
    ),
    exp.RowNumber: Function(
        "row_number", "row_number", "row_number() OVER (ORDER BY x) FROM (VALUES (1)) AS t(x)", "1"
    ),
    exp.SplitPart: Function("split_part", "split_part", "split_part('a to b', ' to ', 2)", "'b'"),
    exp.StartsWith: Function("starts_with", "startswith", "starts_with('abc', 'ab')", "True"),
    exp.Substring: Function(
        "substring", "substring", "substring('abcdef', 2, 3)", "'bcd'", "", ("substr",)
    ),
    exp.Sum: Function("sum", "sum", "sum(x) FROM (VALUES (1.5), (NULL)) AS t(x)", "Decimal('1.5')"),
    exp.Trim: Function("trim", "trim", "trim('  a ')", "'a'"),
    exp.Year: Function("year", "year", "year(DATE '2024-05-06')", "2024"),
}
"""By the node that sqlglot reads the function as."""

NAMED: dict[str, Function] = {
    "map_entries": Function(
        "map_entries",
        "map_entries",
        "map_entries(map(['a'], [1]))",
        "[{'key': 'a', 'value': 1}]",
        "`unnest` it, and read `.key` and `.value` in the CTE after.",
    ),
    "map_values": Function("map_values", "map_values", "map_values(map(['a'], [1]))", "[1]"),
}
"""Those that sqlglot passes on by name."""

MACROS: dict[str, Function] = {
    "local_start": Function(
        "local_start",
        "to_utc_timestamp(d, zone)",
        "local_start(DATE '2024-07-01')",
        "datetime.datetime(2024, 6, 30, 22, 0)",
        "The instant (UTC) at which a day begins in the organisation's time zone; where a clock"
        " goes back over midnight, at the first of the two.",
    ),
    "local_date": Function(
        "local_date",
        "CAST(from_utc_timestamp(t, zone) AS DATE)",
        "local_date(TIMESTAMP '2024-06-30 22:30:00')",
        "datetime.date(2024, 7, 1)",
        "The day of an instant (UTC) in the organisation's time zone.",
    ),
    "seconds_between": Function(
        "seconds_between",
        "CAST(timestampdiff(MICROSECOND, a, b) AS DECIMAL(18, 0)) * 0.000001",
        "seconds_between(TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-01 00:00:01.5')",
        "Decimal('1.500000')",
        "Exact seconds from one instant to another, to the microsecond.",
    ),
    "quotient": Function(
        "quotient",
        "CAST(CAST(a AS DECIMAL(38, 6)) / nullif(CAST(b AS DECIMAL(38, 6)), 0) AS DECIMAL(38, 6))",
        "quotient(-2, 3)",
        "Decimal('-0.666667')",
        "a over b to six digits, exact, half away from zero; NULL where b is zero. For what"
        " can't be left to the engine, which divides at the end.",
    ),
    "months_after": Function(
        "months_after",
        "add_months(d, n)",
        "months_after(DATE '2024-01-31', 1)",
        "datetime.date(2024, 2, 29)",
        "The same day n months later; the month's last where it has no such day.",
    ),
    "iso_weekday": Function(
        "iso_weekday",
        "weekday(d) + 1",
        "iso_weekday(DATE '2024-05-05')",
        "7",
        "1 for Monday to 7 for Sunday.",
    ),
}
"""The engine's own functions, by name: `spark` is what their bodies are there."""

UNREPEATABLE = {
    "the clock": (
        "ago age current_date current_localtime current_localtimestamp current_time"
        " current_timestamp get_current_time get_current_timestamp localtime localtimestamp now"
        " pg_conf_load_time pg_postmaster_start_time today transaction_timestamp"
    ),
    "chance": (
        "gen_random_uuid rand random randn reservoir_quantile setseed uuid uuid_string uuidv4"
        " uuidv7"
    ),
    "a state that no event recorded": (
        "current_catalog current_connection_id current_database current_query current_query_id"
        " current_role current_schema current_schemas current_setting current_transaction_id"
        " current_user currval getenv getvariable get_block_size in_search_path nextval"
        " pg_my_temp_schema session_user setval txid_current user version"
    ),
    "the machine": "error pg_sleep sleep_ms stats vector_type write_log",
    "whichever row comes first": "any_value arbitrary first last mode approx_top_k",
    "an estimate": "approx_count_distinct approx_distinct approx_quantile",
}
"""What no definition may rest on, and the functions that rest on it."""

REASONS = {name: reason for reason, names in UNREPEATABLE.items() for name in names.split()}

TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "repeat"})
"""What a query may select from beside relations: they make rows of their arguments alone."""


def listed() -> tuple[Function, ...]:
    """Return the portable functions by name, the macros apart."""
    return tuple(sorted([*PORTABLE.values(), *NAMED.values()], key=lambda f: f.name))
