"""Whom values can be asked for: accounts with their attributes, managers and teams."""

from __future__ import annotations

import datetime as dt

from kamengine.engine.evidence import ATTRIBUTES, MEMBERSHIP, OWNERSHIP
from kamengine.engine.session import STATE, Session, name
from kamengine.kpi import SubjectType
from kamengine.replay.book import Attributes, micros
from kamengine.replay.derived import is_there

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
    queries = [
        f"SELECT {column} FROM {STATE}.projections.{name(relation)}"
        for relation, column in PLACES.get(grain, ())
        if column in _columns(session, relation)
    ]
    if not queries:
        return None
    rows = session.rows(" UNION ".join(queries))
    return sorted(subject for (subject,) in rows if subject is not None)


def attributes(session: Session) -> list[Attributes]:
    """Return every account's segment, tier, industry and region, and since when it has them."""
    there = _columns(session, ATTRIBUTES)
    if not there:
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


def _columns(session: Session, relation: str) -> list[str]:
    """Return the columns of a projection; none where it isn't kept."""
    table = f"{STATE}.projections.{name(relation)}"
    return list(session.columns(f"FROM {table}")) if is_there(session, table) else []
