"""From a KPI's query to attributed evidence: who, when, how much, and by which event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from kamengine.engine import one_row
from kamengine.engine.session import STATE, name
from kamengine.errors import DefinitionError

REVISION = "3"
"""Raised when this module makes other evidence of the same query."""

OWNERSHIP = "ownership"
ATTRIBUTES = "account_attributes"
MEMBERSHIP = "team_membership"
ATTRIBUTION = {
    OWNERSHIP: ("account_id", "manager_id", "valid_from", "valid_to"),
    ATTRIBUTES: ("account_id", "segment", "valid_from", "valid_to"),
    MEMBERSHIP: ("manager_id", "team", "valid_from", "valid_to"),
}
"""Projections that say who answers for what, and the columns they must have; each may be
missing, which leaves that grain without subjects."""

COLUMNS = {
    "account_id": "VARCHAR",
    "manager_id": "VARCHAR",
    "team": "VARCHAR",
    "segment": "VARCHAR",
    "occurred_at": "TIMESTAMP",
    "period": "VARCHAR",
    "numerator": "DECIMAL(38, 6)",
    "denominator": "DECIMAL(38, 6)",
    "event_id": "BIGINT",
    "more_events": "BIGINT[]",
    "part": "VARCHAR",
    "item": "VARCHAR",
    "problem": "VARCHAR",
    "ripe_at": "TIMESTAMP",
}

RIPE_AT = "ripe_at"

KNOWN = {
    "account_id",
    "manager_id",
    "occurred_at",
    "period",
    "numerator",
    "denominator",
    "event_id",
    "more_events",
    "part",
    "item",
    "problem",
    RIPE_AT,
}


def evidence_table(kpi: str) -> str:
    """Return the full name of a KPI's evidence table."""
    return f"{STATE}.evidence.{name(kpi)}"


def ripe(rows: str, moment: dt.datetime) -> str:
    """Return the relation of the rows of evidence that count at a moment."""
    at = moment.replace(tzinfo=None).isoformat(sep=" ")
    counts = f"{RIPE_AT} IS NULL OR {RIPE_AT} <= TIMESTAMP '{at}'"
    return f"(SELECT * FROM {rows} WHERE {counts})"


def gathering(kpi: str, rows: str) -> tuple[str, ...]:
    """Return the statements that make a KPI's evidence table anew.

    Args:
        kpi: Its id.
        rows: The query for the rows of the table.
    """
    table = evidence_table(kpi)
    listed = ", ".join(f"{c} {t}" for c, t in COLUMNS.items())
    return (
        f"CREATE OR REPLACE TABLE {table} ({listed})",
        f"INSERT INTO {table} BY NAME {rows}",
    )


def attributed(
    query: str, columns: dict[str, str], held: Mapping[str, str], where: str, *, told: bool = True
) -> str:
    """Return the query whose rows an evidence table holds.

    Args:
        query: The KPI's query.
        columns: Its columns and their types.
        held: What says who answers for rows, to the projection that says it.
        where: What the query belongs to, for messages.
        told: Whether the rows tell what the query has as ``more_events``. Values don't need it,
            and it is most of the work where a row stands for the events of a whole year.

    Raises:
        DefinitionError: The columns aren't those of evidence.
    """
    _check(columns, where)
    return f"""
WITH stated AS (
{query}
),

placed AS (
    SELECT
        {_or_null("account_id", columns)} AS account_id,
        {_or_null("manager_id", columns)} AS stated_manager_id,
        {_moment(columns)} AS occurred_at,
        {_or_null("period", columns)} AS period,
        {_decimal("numerator", columns)} AS numerator,
        {_decimal("denominator", columns)} AS denominator,
        {_event(columns, told=told)},
        {_or_null("part", columns)} AS part,
        {_or_null("item", columns)} AS item,
        {_or_null("problem", columns)} AS problem,
        {_or_null(RIPE_AT, columns)} AS {RIPE_AT}
    FROM stated
    {_ending() if "period" in columns else ""}
),

owned AS (
    {_owned(held)}
),

sliced AS (
    {_sliced(held)}
)

{_teamed(held)}
"""


def _held(projection: str) -> str:
    """Return the relation of what an attribution projection says, made safe to join."""
    return one_row.rows(name(f"held_{projection}"))


def holding_statement(relation: str, projection: str) -> str:
    """Return the statement that makes a projection's intervals disjoint and closed.

    Evidence joins them row by row: two intervals over one moment would count a row twice. Where
    a projection has such, the one that began later holds. They are kept in one row: see
    `kamengine.engine.one_row`.

    Args:
        relation: What says who answers for rows.
        projection: The projection that says it.
    """
    key, value, *_ = ATTRIBUTION[relation]
    query = f"""
WITH closed AS (
    SELECT
        {key},
        {value},
        valid_from,
        least(
            coalesce(valid_to, TIMESTAMP '9999-12-31'),
            coalesce(
                lead(valid_from) OVER (PARTITION BY {key} ORDER BY valid_from, valid_to, {value}),
                TIMESTAMP '9999-12-31'
            )
        ) AS valid_to
    FROM {name(projection)}
)

SELECT {key}, {value}, valid_from, valid_to
FROM closed
WHERE valid_from < valid_to
"""
    return one_row.statement(name(f"held_{projection}"), query, ATTRIBUTION[relation])


def _check(columns: dict[str, str], where: str) -> None:
    unknown = sorted(set(columns) - KNOWN)
    if unknown:
        raise DefinitionError(
            "Evidence has a column that means nothing",
            value=unknown[0],
            where=where,
            hint=f"known columns: {', '.join(sorted(KNOWN))}",
        )
    if "numerator" not in columns and "item" not in columns:
        raise DefinitionError("Evidence needs a numerator (or an item to tell apart)", where=where)
    if "occurred_at" not in columns and "period" not in columns:
        raise DefinitionError("Evidence needs occurred_at or period", where=where)


def _or_null(column: str, columns: dict[str, str]) -> str:
    value = f"stated.{column}" if column in columns else "NULL"
    return f"CAST({value} AS {COLUMNS[column]})"


def _decimal(column: str, columns: dict[str, str]) -> str:
    value = f"stated.{column}" if column in columns else "1"
    return f"CAST({value} AS {COLUMNS[column]})"


def _moment(columns: dict[str, str]) -> str:
    stated = "CAST(stated.occurred_at AS TIMESTAMP)" if "occurred_at" in columns else "NULL"
    if "period" not in columns:
        return stated
    return f"coalesce({stated}, windows.t1 - INTERVAL 1 MICROSECOND)"


def _event(columns: dict[str, str], *, told: bool) -> str:
    first, more = "NULL", "NULL"
    if columns.get("event_id", "").endswith("[]"):
        first, more = "stated.event_id[1]", "stated.event_id[2:]"
    elif "event_id" in columns:
        first = "stated.event_id"
    if told and "more_events" in columns:
        more = "stated.more_events"
    return f"CAST({first} AS BIGINT) AS event_id,\n        CAST({more} AS BIGINT[]) AS more_events"


def _owned(held: Mapping[str, str]) -> str:
    if OWNERSHIP not in held:
        return "SELECT *, stated_manager_id AS manager_id FROM placed"
    return f"""SELECT
        placed.*,
        coalesce(placed.stated_manager_id, holder.manager_id) AS manager_id
    FROM placed
    LEFT JOIN {_held(held[OWNERSHIP])} AS holder
        ON placed.account_id = holder.account_id
        AND {_during("placed", "holder")}"""


def _sliced(held: Mapping[str, str]) -> str:
    if ATTRIBUTES not in held:
        return "SELECT *, CAST(NULL AS VARCHAR) AS segment FROM owned"
    return f"""SELECT owned.*, slice.segment
    FROM owned
    LEFT JOIN {_held(held[ATTRIBUTES])} AS slice
        ON owned.account_id = slice.account_id
        AND {_during("owned", "slice")}"""


def _teamed(held: Mapping[str, str]) -> str:
    rest = ", ".join(f"sliced.{c}" for c in list(COLUMNS)[4:])
    start = "SELECT\n    sliced.account_id,\n    sliced.manager_id,\n    "
    if MEMBERSHIP not in held:
        return (
            f"{start}CAST(NULL AS VARCHAR) AS team,\n    sliced.segment,\n    {rest}\nFROM sliced"
        )
    return f"""{start}member.team,
    sliced.segment,
    {rest}
FROM sliced
LEFT JOIN {_held(held[MEMBERSHIP])} AS member
    ON sliced.manager_id = member.manager_id
    AND {_during("sliced", "member")}"""


def _ending() -> str:
    return f"LEFT JOIN {one_row.rows('window_ends')} AS windows ON windows.period = stated.period"


def _during(rows: str, intervals: str) -> str:
    return (
        f"{rows}.occurred_at >= {intervals}.valid_from"
        f" AND {rows}.occurred_at < {intervals}.valid_to"
    )
