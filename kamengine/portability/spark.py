"""A definition's SQL as Spark reads it."""

from __future__ import annotations

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.errors import ParseError, UnsupportedError

from kamengine.errors import DefinitionError
from kamengine.portability.functions import MACROS, NAMED


def rendered(text: str, where: str = "SQL") -> str:
    """Return a bound query for Spark, read again to see that Spark knows every word of it.

    Args:
        text: DuckDB SQL with its parameters bound: the text of a `kamengine.sql.Query`.
        where: What the SQL belongs to, for messages.

    Raises:
        DefinitionError: sqlglot has no way to say it for Spark, or says it with a function that
            Spark doesn't have.
    """
    tree = sqlglot.parse_one(text, dialect="duckdb")
    try:
        spark = tree.sql(dialect="spark", comments=False, unsupported_level=ErrorLevel.RAISE)
        again = sqlglot.parse_one(spark, dialect="spark")
    except (ParseError, UnsupportedError) as error:
        raise DefinitionError("Spark can't say it", value=str(error), where=where) from error
    known = MACROS.keys() | NAMED.keys()
    unknown = {f.name.lower() for f in again.find_all(exp.Anonymous)} - known
    if unknown:
        raise DefinitionError("Spark has no such function", value=min(unknown), where=where)
    return spark


def macros(zone: str) -> tuple[str, ...]:
    """Return the statements that make the engine's macros Spark's (4.0 or later).

    The session's own time zone has to be UTC.

    Args:
        zone: The organisation's time zone.
    """
    day = f"to_utc_timestamp(CAST(d AS TIMESTAMP), '{zone}')"
    return (
        _function("local_start(d DATE)", "TIMESTAMP_NTZ", f"CAST({day} AS TIMESTAMP_NTZ)"),
        _function(
            "local_date(t TIMESTAMP_NTZ)",
            "DATE",
            f"CAST(from_utc_timestamp(CAST(t AS TIMESTAMP), '{zone}') AS DATE)",
        ),
        _function(
            "seconds_between(a TIMESTAMP_NTZ, b TIMESTAMP_NTZ)",
            "DECIMAL(38, 6)",
            "CAST(timestampdiff(MICROSECOND, a, b) AS DECIMAL(18, 0)) * 0.000001",
        ),
        _function(
            "quotient(a DECIMAL(38, 6), b DECIMAL(38, 6))", "DECIMAL(38, 6)", "a / nullif(b, 0)"
        ),
        _function("months_after(d DATE, n INT)", "DATE", "add_months(d, n)"),
        _function("iso_weekday(d DATE)", "INT", "weekday(d) + 1"),
    )


def _function(signature: str, returns: str, body: str) -> str:
    return f"CREATE OR REPLACE TEMPORARY FUNCTION {signature} RETURNS {returns} RETURN {body}"
