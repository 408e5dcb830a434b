"""Whom values can be asked for: accounts with their attributes, managers and teams."""

from __future__ import annotations

import datetime as dt

from kamengine.engine.evidence import ATTRIBUTES, MEMBERSHIP, OWNERSHIP
from kamengine.engine.session import STATE, Session, name, quote
from kamengine.kpi import SubjectType

SLICES = ("segment", "tier", "industry", "region")
MANAGERS = "managers"
"""The projection that says when a manager came and went."""

PLACES: dict[SubjectType, tuple[tuple[str, str], ...]] = {
    "account": ((ATTRIBUTES, "account_id"),),
    "manager": ((MANAGERS, "manager_id"), (MEMBERSHIP, "manager_id"), (OWNERSHIP, "manager_id")),
    "team": ((MEMBERSHIP, "team"),),
    "segment": ((ATTRIBUTES, "segment"),),
}
"""For each grain the projections, and their columns, that name its subjects."""


def known(session: Session, grain: SubjectType) -> list[str] | None:
    """Return every subject of a grain that any event names; None where nothing tells them."""
    there = _columns(session)
    queries = [
        f"SELECT {column} FROM {STATE}.projections.{name(relation)}"
        for relation, column in PLACES.get(grain, ())
        if column in there.get(relation, ())
    ]
    if not queries:
        return None
    rows = session.rows(" UNION ".join(queries))
    return sorted(subject for (subject,) in rows if subject is not None)


def attributes(session: Session, moment: dt.datetime) -> dict[str, dict[str, str | None]] | None:
    """Return every account's segment, tier, industry and region at a moment.

    Those of an account that isn't there yet are the first that it will have. None where no
    projection tells them.
    """
    there = _columns(session).get(ATTRIBUTES)
    if there is None:
        return None
    columns = [column for column in there if column in SLICES]
    at = f"TIMESTAMP '{moment.replace(tzinfo=None).isoformat(sep=' ')}'"
    rows = session.rows(f"""
        SELECT {", ".join(["account_id", *columns])}
        FROM {STATE}.projections.{name(ATTRIBUTES)}
        QUALIFY row_number() OVER (
            PARTITION BY account_id
            ORDER BY
                valid_from <= {at} DESC,
                CASE WHEN valid_from <= {at} THEN valid_from END DESC,
                valid_from
        ) = 1
    """)
    return {account: dict(zip(columns, row, strict=True)) for account, *row in rows}


def _columns(session: Session) -> dict[str, list[str]]:
    """Return the columns of the projections that say who is who, by projection."""
    relations = {relation for places in PLACES.values() for relation, _ in places}
    rows = session.rows(f"""
        SELECT table_name, column_name
        FROM duckdb_columns()
        WHERE database_name = '{STATE}'
            AND schema_name = 'projections'
            AND table_name IN ({", ".join(quote(relation) for relation in sorted(relations))})
        ORDER BY table_name, column_index
    """)
    found: dict[str, list[str]] = {}
    for relation, column in rows:
        found.setdefault(relation, []).append(column)
    return found
