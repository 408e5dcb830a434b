"""Whom values can be asked for: accounts with their attributes, managers and teams."""

from __future__ import annotations

import datetime as dt

from kamengine.engine.evidence import ATTRIBUTES, MEMBERSHIP, OWNERSHIP
from kamengine.engine.session import STATE, Session, name, quote
from kamengine.kpi import SubjectType
from kamengine.replay.book import Attributes, micros

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


def attributes(session: Session) -> list[Attributes]:
    """Return every account's segment, tier, industry and region, and since when it has them."""
    there = _columns(session).get(ATTRIBUTES)
    if there is None:
        return []
    columns = [column for column in there if column in SLICES]
    rows = session.rows(f"""
        SELECT {", ".join(["account_id", "valid_from", *columns])}
        FROM {STATE}.projections.{name(ATTRIBUTES)}
        ORDER BY account_id, valid_from
    """)
    return [
        Attributes(
            account_id=account,
            valid_from=micros(since.replace(tzinfo=dt.UTC)),
            known=dict(zip(columns, known, strict=True)),
        )
        for account, since, *known in rows
    ]


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
