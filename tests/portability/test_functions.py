"""The list of portable functions is true, on DuckDB, and on Spark where it is installed."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import pytest
import sqlglot
from sqlglot import exp

from kamengine.engine import session
from kamengine.portability.functions import (
    MACROS,
    NAMED,
    PORTABLE,
    REASONS,
    TABLE_FUNCTIONS,
    Function,
    listed,
)
from kamengine.sql import parse
from tests.portability.answers import BERLIN, value_of

MILLIONTH = Decimal("0.000001")
FUNCTIONS = [*listed(), *MACROS.values()]


@pytest.fixture(scope="module")
def duckdb() -> Iterator[session.Session]:
    """A session as definitions have it, of an organisation in Berlin."""
    with session.Session(None, BERLIN) as opened:
        yield opened


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: str(f.name))
def test_the_example_is_portable_and_gives_what_it_says(
    duckdb: session.Session, function: Function
) -> None:
    """Each function has an example without a finding, and DuckDB gives what the list says."""
    query = parse(f"SELECT {function.example}")
    assert query.findings == ()
    assert duckdb.rows(query.text)[0][0] == value_of(function.gives)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: str(f.name))
def test_every_name_is_read_as_that_function(function: Function) -> None:
    """An alias is another name of the same function, to sqlglot as to DuckDB."""
    call = next(
        f
        for f in sqlglot.parse_one(f"SELECT {function.example}", dialect="duckdb").find_all(
            exp.Func
        )
        if type(f) in PORTABLE or f.name.lower() in NAMED | MACROS
        if PORTABLE.get(type(f), (NAMED | MACROS).get(f.name.lower())) is function
    )
    written = call.sql(dialect="duckdb")
    for alias in function.aliases:
        name = written.partition("(")[0]
        again = sqlglot.parse_one(written.replace(name, alias, 1), dialect="duckdb")
        assert type(again) is type(call), alias


def test_the_macros_are_the_engines() -> None:
    """Every macro of a session is in the list, and nothing else."""
    made = {statement.split()[2].partition("(")[0] for statement in session.macros(BERLIN)}
    assert made == MACROS.keys()


def test_every_function_of_duckdb_that_varies_is_refused(duckdb: session.Session) -> None:
    """DuckDB says itself which of its functions give another answer to the same question."""
    varying = duckdb.rows(
        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'"
    )
    assert "random" in {name for (name,) in varying}
    assert [name for (name,) in varying if name not in REASONS] == []
    aggregates = {name for f in FUNCTIONS for name in (f.name, *f.aliases)}
    assert aggregates & REASONS.keys() == set()


def test_the_functions_that_make_rows_make_them_of_their_arguments() -> None:
    """What may stand in FROM reads neither files nor settings."""
    assert {"range", "generate_series", "unnest", "repeat"} == TABLE_FUNCTIONS


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ("1", "3", "0.333333"),
        ("2", "3", "0.666667"),
        ("-2", "3", "-0.666667"),
        ("2", "-3", "-0.666667"),
        ("-2", "-3", "0.666667"),
        ("0.5", "1000000", "0.000001"),
        ("-0.5", "1000000", "-0.000001"),
        ("0.499999", "1000000", "0"),
        ("0", "7", "0"),
        ("7", "0.5", "14"),
        ("1000000000000000000.000001 * 36500", "36500", "1000000000000000000.000001"),
    ],
)
def test_a_quotient_is_exact_and_rounds_half_away_from_zero(
    duckdb: session.Session, above: str, below: str, expected: str
) -> None:
    """Six digits, no floating point on the way: a tie is a tie."""
    assert duckdb.value(f"SELECT quotient({above}, {below})") == Decimal(expected)


def test_quotients_round_as_decimals_do(duckdb: session.Session) -> None:
    """Ties and what lies a millionth beside them, small and large, with either sign."""
    chance, pairs = random.Random(7), []
    for digits in range(1, 13):
        for _ in range(40):
            below = Decimal(2 * chance.randint(1, 10**digits)) * chance.choice((1, -1))
            tie = (chance.randint(-(10**digits), 10**digits) * below + below / 2) * MILLIONTH
            pairs += [(tie + step * MILLIONTH, below) for step in (-1, 0, 1)]
    exact = [(a.quantize(MILLIONTH), b) for a, b in pairs]
    rows = ", ".join(f"({n}, {a}, {b})" for n, (a, b) in enumerate(exact))
    query = f"SELECT quotient(a, b) FROM (VALUES {rows}) AS t(n, a, b) ORDER BY n"
    expected = [(a / b).quantize(MILLIONTH, ROUND_HALF_UP) for a, b in exact]
    assert [row[0] for row in duckdb.rows(query)] == expected


def test_a_quotient_by_nothing_is_nothing(duckdb: session.Session) -> None:
    """Zero and NULL below the line, and NULL above it, give NULL."""
    query = "SELECT quotient(1, 0), quotient(1, NULL), quotient(NULL, 1)"
    assert duckdb.rows(query) == [(None, None, None)]


def test_months_after_keeps_to_the_month(duckdb: session.Session) -> None:
    """Where a month has no such day it gives the last, ahead as back."""
    expected = [dt.date(2024, 2, 29), dt.date(2023, 2, 28), dt.date(2023, 12, 31)]
    asked = "months_after(DATE '2024-01-31', {})"
    query = f"SELECT {', '.join(asked.format(n) for n in (1, -11, -1))}"
    assert list(duckdb.rows(query)[0]) == expected


def test_weekdays_count_from_monday(duckdb: session.Session) -> None:
    """Monday is 1 and Sunday 7, as in ISO 8601 and in Python."""
    days = [dt.date(2024, 5, 6) + dt.timedelta(days=n) for n in range(7)]
    query = f"SELECT {', '.join(f'iso_weekday(DATE {str(d)!r})' for d in days)}"
    assert list(duckdb.rows(query)[0]) == [d.isoweekday() for d in days]


def test_the_zone_of_the_examples_is_two_hours_ahead_in_summer() -> None:
    """The examples of local_start and local_date speak of Berlin in July."""
    noon = dt.datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert noon.utcoffset() == dt.timedelta(hours=2)
