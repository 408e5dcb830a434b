"""What a projection is: one SQL query over facts and other projections, with a key."""

from __future__ import annotations

import msgspec


class Projection(msgspec.Struct, frozen=True, kw_only=True):
    """A derived table that KPIs share: one row per deal, per contract, per ownership interval.

    A projection with a column ``account_id`` must be computable one account at a time: its
    rows for an account may depend on that account's facts and on facts that belong to no
    account, and on nothing else. That is what lets one event cost one account.

    Attributes:
        name: The table name under which other SQL reads it.
        doc: The meaning, in one sentence.
        key: The columns that are unique together.
        sql: DuckDB SQL that returns the rows. It may read facts (``deal.opened`` as
            ``deal_opened``), other projections, and the organisation's ``$reporting_currency``
            and ``$active_by``.
        stored: Whether its rows are kept. One that only picks and renames columns of a large
            fact table is cheaper to read through than to copy.
        duckdb_only: Why its SQL runs on DuckDB alone; empty where it is portable, as SQL has to
            be that doesn't say so (docs/portability.md). What reads it runs there alone too.
    """

    name: str
    doc: str
    key: tuple[str, ...]
    sql: str
    stored: bool = True
    duckdb_only: str = ""
