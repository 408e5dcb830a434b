"""SQL as code: what makes a definition another one, what it reads, and what it may not be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kamengine.errors import DefinitionError
from kamengine.fingerprint import fingerprint
from kamengine.sql import literal, parse

PLAIN = "SELECT account_id, amount FROM deal_closed WHERE outcome = 'won' AND amount > $least"


def fingerprint_of(sql: str, **params: object) -> str:
    return parse(sql, {"least": 5, **params}).fingerprint


@pytest.mark.parametrize(
    "same",
    [
        "select account_id, amount from deal_closed where outcome = 'won' and amount > $least",
        "SELECT\n  ACCOUNT_ID,\n  Amount\nFROM Deal_Closed\n"
        "WHERE outcome = 'won'\n AND amount > $least",
        "-- a word\nSELECT account_id, /* another */ amount FROM deal_closed"
        " WHERE outcome = 'won' AND amount > $least -- the end",
        PLAIN + ";",
    ],
    ids=["case", "layout", "comments", "semicolon"],
)
def test_writing_the_same_query_otherwise_is_no_other_definition(same: str) -> None:
    """Case, layout, comments and a last semicolon leave the fingerprint as it is."""
    assert fingerprint_of(same) == fingerprint_of(PLAIN)


@pytest.mark.parametrize(
    "other",
    [
        PLAIN.replace("'won'", "'lost'"),
        PLAIN.replace("'won'", "'Won'"),
        PLAIN.replace("deal_closed", "deal_opened"),
        PLAIN.replace("amount >", "amount >="),
        PLAIN.replace("account_id,", "account_id AS account,"),
        PLAIN.replace("SELECT", "SELECT DISTINCT"),
        PLAIN.replace("amount FROM", '"Amount" AS amount2 FROM'),
        PLAIN + " ORDER BY 1",
    ],
)
def test_another_meaning_is_another_definition(other: str) -> None:
    """Literals, tables, operators, names and clauses count."""
    assert fingerprint_of(other) != fingerprint_of(PLAIN)


@pytest.mark.parametrize("least", [6, "5", Decimal("5.5"), None, True, (5,)])
def test_a_parameter_s_value_is_part_of_the_definition(least: object) -> None:
    """A changed parameter changes the fingerprint, as does a changed type of it."""
    assert fingerprint_of(PLAIN, least=least) != fingerprint_of(PLAIN)


def test_a_parameter_that_is_not_used_does_not_count() -> None:
    """What a query doesn't mention is no part of it."""
    assert fingerprint_of(PLAIN, other=1) == fingerprint_of(PLAIN, other=2)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        (True, "TRUE"),
        (-3, "-3"),
        (Decimal("0.10"), "0.10"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-6"), "0.000001"),
        ("it's", "'it''s'"),
        (("a", "b"), "['a', 'b']"),
        ({"a": 1}, "MAP(['a'], [1])"),
    ],
)
def test_a_parameter_is_bound_as_an_exact_literal(value: object, text: str) -> None:
    """No digit is lost, and no decimal becomes a floating point number."""
    assert literal(value).sql("duckdb").replace("MAP ", "MAP") == text


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT * FROM b JOIN a USING (x)", ("a", "b")),
        ("WITH c AS (SELECT * FROM a) SELECT * FROM c, b", ("a", "b")),
        ("SELECT * FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.x = a.x)", ("a", "b")),
        ("SELECT (SELECT max(x) FROM b) FROM a", ("a", "b")),
        ("SELECT * FROM a ASOF LEFT JOIN b ON a.x = b.x AND a.t >= b.t", ("a", "b")),
        ("SELECT * FROM a UNION ALL (SELECT * FROM b)", ("a", "b")),
        ("SELECT i FROM a, unnest(a.items) AS u(i)", ("a",)),
        ("SELECT i FROM a, range(5) AS r(i)", ("a",)),
        ("SELECT 1 AS x", ()),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r, a) FROM r", ("a",)),
        ("SELECT * FROM A JOIN a AS other USING (x)", ("a",)),
    ],
)
def test_a_query_says_what_it_reads(sql: str, reads: tuple[str, ...]) -> None:
    """Relations are found wherever they stand; what the query defines itself isn't one."""
    assert parse(sql).reads == reads


@pytest.mark.parametrize(
    "sql",
    [
        "WITH orders AS (SELECT * FROM orders) SELECT * FROM orders",
        "SELECT * FROM orders WHERE x IN (WITH orders AS (SELECT 1 AS x) SELECT x FROM orders)",
        "WITH a AS (SELECT * FROM orders), b AS (WITH orders AS (SELECT 1) FROM orders) FROM a, b",
    ],
)
def test_a_name_of_its_own_does_not_hide_the_relation_that_is_read(sql: str) -> None:
    """A CTE called as the relation it reads still reads it, so that changes reach the query."""
    assert parse(sql).reads == ("orders",)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT a FROM t WHERE (a > 1", "line 1, column"),
        ("SELECT a\nFROM t\nWHERE (a > 1\nGROUP BY", "line 4, column"),
        ("SELECT 'a", "doesn't parse"),
        ("DELETE FROM t", "must be one SELECT"),
        ("SELECT 1; SELECT 2", "must be one SELECT"),
        ("", "must be one SELECT"),
        ("CREATE TABLE t AS SELECT 1", "must be one SELECT"),
        ("SELECT $nope", "'$nope'"),
    ],
)
def test_what_is_no_query_is_refused_with_its_place(sql: str, words: str) -> None:
    """One sentence says which definition it is, and the line and column where it can."""
    with pytest.raises(DefinitionError, match=r"KPI nps") as caught:
        parse(sql, {"least": 5}, where="KPI nps")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_parameter_s_error_names_those_there_are() -> None:
    """Whoever misspelt a parameter sees what it could have been."""
    with pytest.raises(DefinitionError, match=r"declared: \$least, \$most"):
        parse("SELECT $leest", {"most": 1, "least": 2})


def test_fingerprint_parts_do_not_run_into_each_other() -> None:
    """The border between two parts counts."""
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
