"""Looking SQL over: what is refused, where it stands, and how to mend it."""

from __future__ import annotations

import re

import msgspec
import pytest

from kamengine.errors import DefinitionError
from kamengine.inspection import inspect
from kamengine.kpi import Formula, Sum
from kamengine.portability import spark
from kamengine.projection import Projection
from kamengine.sql import parse
from tests.bakery import KPIS, kpi

UNPORTABLE = {
    "ASOF JOIN": "SELECT a.x FROM a ASOF JOIN b ON a.t >= b.t",
    "NATURAL JOIN": "SELECT a.x FROM a NATURAL JOIN b",
    "POSITIONAL JOIN": "SELECT a.x FROM a POSITIONAL JOIN b",
    "list_filter": "SELECT list_filter(l, lambda x: x > 1) AS y FROM a",
    "COMPREHENSION": "SELECT [x + 1 FOR x IN l] AS y FROM a",
    "/": "SELECT x / y AS z FROM a",
    "%": "SELECT x % y AS z FROM a",
    "-": "SELECT a.ends_at - a.starts_at AS z FROM a",
    "INTERVAL": "SELECT x + INTERVAL 1 MONTH AS z FROM a",
    "isodow": "SELECT isodow(x) AS z FROM a",
    "dayofweek": "SELECT dayofweek(x) AS z FROM a",
    "extract": "SELECT extract(isodow FROM x) AS z FROM a",
    "date_diff": "SELECT date_diff('month', x, y) AS z FROM a",
    "date_trunc": "SELECT date_trunc('month', x) AS z FROM a",
    "arg_max": "SELECT arg_max(x, y) AS z FROM a",
    "arg_min": "SELECT arg_min(x, y) FILTER (WHERE y OR x IS NOT NULL) AS z FROM a",
    "POSITIONALCOLUMN": "SELECT #1 AS z FROM a",
    "GROUP BY": "SELECT x, sum(y) AS z FROM a GROUP BY ALL",
    "ORDER BY": "SELECT x, row_number() OVER (ORDER BY 1) AS z FROM a",
    "columns": "SELECT columns('x') FROM a",
    "*": "SELECT * REPLACE (x + 1 AS x) FROM a",
    "DISTINCT": "SELECT DISTINCT ON (x) y FROM a",
    "UNION": "SELECT x FROM a UNION BY NAME SELECT x FROM b",
    "WITH RECURSIVE": "WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM r)"
    " SELECT x FROM r",
    "cast": "SELECT CAST(x AS INTEGER) AS z FROM a",
    "type": "SELECT CAST(x AS DOUBLE) AS z FROM a",
    "[...]": "SELECT l[1] AS z FROM a",
    "SLICE": "SELECT l[:] AS z FROM a",
    "IN": "SELECT x FROM a WHERE (x, y) IN (SELECT (x, y) FROM b)",
    "list": "SELECT list_sort(list(x ORDER BY y)) AS z FROM a",
    "array_agg": "SELECT list_sort(array_agg(x)) AS z FROM a",
    "list_concat": "SELECT list_concat([x], l) AS z FROM a",
    "unnest": "SELECT unnest(l) + 1 AS z FROM a",
    "range": "SELECT range(x) AS z FROM a",
    "len": "SELECT len(l) AS z FROM a",
    "group_concat": "SELECT string_agg(x, ',' ORDER BY x) AS z FROM a",
    "QUALIFY": "SELECT * FROM a QUALIFY row_number() OVER (ORDER BY x) = 1",
    "OVER": "SELECT sum(x) FILTER (WHERE y) OVER (PARTITION BY z) AS z FROM a",
    "json_extract": "SELECT json_extract(x, '$.y') AS z FROM a",
    "regexp_matches": "SELECT regexp_matches(x, 'y') AS z FROM a",
    "median": "SELECT median(x) AS z FROM a",
    "avg": "SELECT avg(x) AS z FROM a",
    "made_up": "SELECT made_up(x) AS z FROM a",
    "ATTIMEZONE": "SELECT x AT TIME ZONE 'UTC' AS z FROM a",
    "LATERAL": "SELECT b.y FROM a, LATERAL (SELECT a.x AS y) AS b",
}
"""What the finding is about, and SQL with it."""

UNREPEATABLE = {
    "now": "SELECT now() AS z FROM a",
    "current_date": "SELECT current_date AS z FROM a",
    "current_timestamp": "SELECT current_timestamp AS z FROM a",
    "today": "SELECT today() AS z FROM a",
    "random": "SELECT random() AS z FROM a",
    "uuid": "SELECT uuid() AS z FROM a",
    "nextval": "SELECT nextval('s') AS z",
    "getvariable": "SELECT getvariable('s') AS z",
    "any_value": "SELECT any_value(x) AS z FROM a",
    "first": "SELECT first(x) AS z FROM a",
    "read_csv": "SELECT x FROM read_csv('orders.csv')",
    "read_text": "SELECT x FROM read_text('https://example.com/rates')",
    "glob": "SELECT file FROM glob('*')",
    "duckdb_tables": "SELECT table_name FROM duckdb_tables()",
    '"orders.csv"': "SELECT x FROM 'orders.csv'",
    "evidence.nps": "SELECT x FROM evidence.nps",
    "SAMPLE": "SELECT x FROM a USING SAMPLE 10%",
    "LIMIT": "SELECT x FROM a LIMIT 3",
    "OVER": "SELECT row_number() OVER () AS z FROM a",
    "list": "SELECT list(event_id) AS z FROM a",
    "list_distinct": "SELECT list_distinct(l) AS z FROM a",
}
"""Likewise, of what no replay can repeat."""

PORTABLE = (
    "SELECT x FROM a ORDER BY x LIMIT 3",
    "SELECT x % 2 AS y, x // nullif(y, 0) AS z FROM a",
    "SELECT arg_max(event_id, (occurred_at, touch_id)) AS y FROM a",
    "SELECT arg_max(x, y) FILTER (WHERE z AND x IS NOT NULL) AS y FROM a",
    "SELECT CAST(x > 1 AS INTEGER) AS y, CAST(round(x) AS BIGINT) AS z FROM a",
    "SELECT x FROM a SEMI JOIN b USING (x) ANTI JOIN c USING (x)",
    "SELECT x FROM a WHERE (x, y) IN (SELECT x, y FROM b)",
    "SELECT x - INTERVAL 1 MICROSECOND AS y, d - 180 AS z FROM a",
    "SELECT * EXCLUDE (x) FROM a",
    "SELECT list_sort(flatten(list(l))) AS y FROM a",
    "SELECT x FROM (VALUES (1), (2)) AS v(x)",
    "SELECT map(['a'], [1])[x] AS y FROM a",
    "SELECT last_value(x IGNORE NULLS) OVER w AS y FROM a WINDOW w AS (ORDER BY z)",
    "SELECT x FROM a QUALIFY row_number() OVER (PARTITION BY x ORDER BY y) = 1",
)


@pytest.mark.parametrize(("word", "sql"), UNPORTABLE.items(), ids=UNPORTABLE)
def test_what_isnt_portable_is_found_and_may_be_declared(word: str, sql: str) -> None:
    """Each finding has what and how to mend it, and a reason to run on DuckDB alone lifts it."""
    found = {f.word: f.fault for f in parse(sql).findings}
    assert word in found
    assert all(fault.what and fault.mend and fault.repeatable for fault in found.values())
    with pytest.raises(DefinitionError, match="duckdb_only"):
        inspect(kpi("k", Sum(), sql))
    inspect(kpi("k", Sum(), sql, duckdb_only="It needs that."))


@pytest.mark.parametrize(("word", "sql"), UNREPEATABLE.items(), ids=UNREPEATABLE)
def test_what_no_replay_can_repeat_is_refused_of_every_definition(word: str, sql: str) -> None:
    """Clock, chance, files, network and the order of rows: no declaration lifts that."""
    found = parse(sql).findings
    assert word in {f.word for f in found if not f.fault.repeatable}
    for reason in ("", "It needs that."):
        definition = Projection(name="p", doc="x", key=("z",), sql=sql, duckdb_only=reason)
        with pytest.raises(DefinitionError, match=re.escape(found[0].fault.mend)):
            inspect(definition)


@pytest.mark.parametrize("sql", PORTABLE)
def test_what_is_portable_has_no_finding(sql: str) -> None:
    """A condition that is met is no finding, and Spark can say it."""
    assert parse(sql).findings == ()
    assert spark.rendered(parse(sql).text)


def test_a_finding_names_line_and_column() -> None:
    """Where the function, or what stands first in the construct, begins in the text."""
    text = "-- a word\nSELECT\n    x,\n    median(y) AS z\nFROM a\nWHERE now() > x AND b / c > 1"
    found = [(f.word, f.line, f.column) for f in parse(text).findings]
    assert found == [("now", 6, 7), ("median", 4, 5), ("/", 6, 21)]


def test_a_refusal_says_where_what_and_how() -> None:
    """One sentence, with the number of what else there is."""
    text = "SELECT\n    median(x) AS y,\n    avg(x) AS z\nFROM a"
    with pytest.raises(DefinitionError) as refusal:
        inspect(kpi("k", Sum(), text))
    assert str(refusal.value) == (
        "KPI k, line 2, column 5: median isn't in the list of portable functions;"
        " docs/portability.md has the list and what to do; or say in `duckdb_only` why it must run"
        " on DuckDB alone (and 1 more like it)."
    )


def test_a_parameter_is_as_good_as_a_literal() -> None:
    """Numbers, texts, lists and dicts are bound before the SQL is looked over."""
    sql = "SELECT d - $days AS x, $weights[y] AS z FROM a WHERE y IN (SELECT unnest($kept))"
    query = parse(sql, {"days": 180, "weights": {"a": 1}, "kept": ("a", "b")})
    assert query.findings == ()
    assert "MAP_FROM_ARRAYS" in spark.rendered(query.text)


def test_a_formula_is_looked_over_as_well() -> None:
    """Numerator, denominator and flag are SQL of the pack's."""
    plain = next(k for k in KPIS if isinstance(k.value, Formula))
    inspect(plain)
    faulty = msgspec.structs.replace(plain.value, flag="\nnow()")
    with pytest.raises(DefinitionError, match=f"KPI {plain.id}, flag, line 2, column 1: now rests"):
        inspect(msgspec.structs.replace(plain, value=faulty))


def test_a_function_that_spark_lacks_fails_to_render() -> None:
    """Where the list is wrong, or sqlglot's is, the rendered text gives it away."""
    with pytest.raises(DefinitionError, match="no such function: 'made_up'"):
        spark.rendered("SELECT made_up(x) AS y FROM a", "KPI k")
    with pytest.raises(DefinitionError, match="KPI k: Spark can't say it"):
        spark.rendered("SELECT map {'a': 1} AS y FROM a", "KPI k")
