"""Small tables kept in one row, to be joined to large ones.

DuckDB keeps the side of a join in memory that it guesses to be the smaller one. Of what a KPI's
query yields it often guesses a thousandth, and then keeps half a million rows to look them up by a
few hundred, on one thread and three times over. What is unnested from a single row it never
guesses to be more than one.
"""

from __future__ import annotations

from collections.abc import Iterable

from kamengine.engine.session import SHARED


def statement(table: str, query: str, columns: Iterable[str]) -> str:
    """Return the statement that keeps a query's rows in a table of one row.

    Args:
        table: Its name, quoted where it has to be.
        query: The query.
        columns: The columns to keep.
    """
    fields = ", ".join(f"{column}: {column}" for column in columns)
    return f"""
CREATE OR REPLACE TABLE {SHARED}.{table} AS
SELECT list({{{fields}}}) AS kept
FROM ({query})
"""


def rows(table: str) -> str:
    """Return the relation of the rows that a table keeps in one."""
    return f"(SELECT unnest(kept, recursive := true) FROM {SHARED}.{table})"
