"""Spark answers the list's examples, and the engine's macros, as DuckDB does.

Spark is no dependency, not even of the tests: with pyspark and Java installed beside kamengine
these run, and else they don't.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kamengine.engine.session import Session
from kamengine.periods import Calendar
from kamengine.portability import spark
from kamengine.portability.functions import MACROS, Function, listed
from kamengine.sql import parse
from tests.portability.answers import BERLIN, value_of

pyspark_sql = pytest.importorskip("pyspark.sql", reason="needs pyspark, which isn't installed")

DAYS = """WITH numbers AS (SELECT unnest(range({}, {})) AS n),
days AS (SELECT DATE '1970-01-01' + CAST(n AS INTEGER) AS d FROM numbers)
"""
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/London",
    "America/Sao_Paulo",  # clocks went over midnight, both ways
    "America/Havana",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Pacific/Auckland",
)


@pytest.fixture(scope="module")
def there() -> Iterator[Any]:
    """A Spark session with the macros of an organisation in Berlin."""
    builder = pyspark_sql.SparkSession.builder.master("local[1]")
    for key, value in {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    for statement in spark.macros(BERLIN.time_zone.key):
        session.sql(statement)
    yield session
    session.stop()


@pytest.mark.parametrize("function", [*listed(), *MACROS.values()], ids=lambda f: str(f.name))
def test_it_gives_what_the_list_says(there: Any, function: Function) -> None:
    """The example, rendered, has the value that DuckDB gives it."""
    rows = there.sql(spark.rendered(parse(f"SELECT {function.example}").text)).collect()
    assert plain(rows[0][0]) == value_of(function.gives)


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_starts_at_the_same_instant(there: Any, zone: str) -> None:
    """Every day from 2000 to 2040, also those on which clocks go over midnight."""
    days = DAYS.format(10_957, 25_932)
    asked = f"{days} SELECT d, local_start(d), local_date(local_start(d)) FROM days"
    for statement in spark.macros(zone):
        there.sql(statement)
    with Session(None, Calendar(time_zone=ZoneInfo(zone))) as here:
        expected = set(here.rows(asked))
    found = {tuple(row) for row in there.sql(spark.rendered(parse(asked).text)).collect()}
    for statement in spark.macros(BERLIN.time_zone.key):
        there.sql(statement)
    assert sorted(found - expected)[:3] == sorted(expected - found)[:3]


def test_months_and_weekdays_are_the_same(there: Any) -> None:
    """Every day of four years, months ahead and back."""
    asked = (
        f"{DAYS.format(19_723, 21_184)}"
        " SELECT d, iso_weekday(d), months_after(d, 1), months_after(d, -1), months_after(d, 13)"
        " FROM days"
    )
    with Session(None, BERLIN) as here:
        expected = set(here.rows(asked))
    assert expected == {
        tuple(row) for row in there.sql(spark.rendered(parse(asked).text)).collect()
    }


def plain(value: Any) -> Any:
    """Return rows within a value as dicts."""
    if isinstance(value, pyspark_sql.Row):
        return value.asDict()
    return [plain(item) for item in value] if isinstance(value, list) else value
