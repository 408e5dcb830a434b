"""Who belongs to whom in a period, and how new the events are that numbers rest on."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from kamengine.engine.evidence import MEMBERSHIP, OWNERSHIP
from kamengine.engine.session import STATE, Session, name, quote
from kamengine.periods import Window
from kamengine.replay.reading import Reader

Newest = Mapping[str, dt.datetime]
"""Whose, as ``account acme`` or ``manager kim``, to the moment of their newest event."""


class Tie(msgspec.Struct, frozen=True, kw_only=True):
    """One belongs to another for a while: an account to a manager, a manager to a team.

    Attributes:
        part: The account, or the manager.
        whole: The manager, or the team.
        until: When it ended, if that was within the period.
    """

    part: str
    whole: str
    until: dt.datetime | None = None


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around the numbers of a period.

    Attributes:
        owners: Accounts with their managers, at any time in the period.
        members: Managers with their teams, likewise.
        newest: For each table of facts, the newest event of each account and manager before the
            period's end.
    """

    owners: tuple[Tie, ...] = ()
    members: tuple[Tie, ...] = ()
    newest: Mapping[str, Newest] = {}

    def managers_of(self, account: str) -> list[Tie]:
        """Return who answered for an account."""
        return [tie for tie in self.owners if tie.part == account]

    def newest_event(self, tables: Iterable[str], grain: str, subject: str) -> dt.datetime | None:
        """Return the moment of the newest event that a number of a subject may rest on."""
        wanted = self._keys(grain, subject)
        moments = [moment for table in tables for key, moment in self._of(table, wanted)]
        return max(moments, default=None)

    def _of(self, table: str, wanted: set[str] | None) -> Iterable[tuple[str, dt.datetime]]:
        known = self.newest.get(table, {})
        if wanted is None:
            return known.items()
        return [(key, known[key]) for key in wanted & known.keys()]

    def _keys(self, grain: str, subject: str) -> set[str] | None:
        """Name those whose events a subject's numbers rest on; None for everybody's."""
        if grain == "organisation":
            return None
        if grain == "account":
            return {f"account {subject}"}
        managers = {subject}
        if grain == "team":
            managers = {tie.part for tie in self.members if tie.whole == subject}
        accounts = {tie.part for tie in self.owners if tie.whole in managers}
        return {f"account {a}" for a in accounts} | {f"manager {m}" for m in managers}


def look_around(reader: Reader, window: Window, account: str | None = None) -> Surroundings:
    """Return what stands around the numbers of a period.

    Args:
        reader: Reads what was replayed.
        window: The period.
        account: The one account whose newest events are wanted; everybody's where it is left out.
    """
    tables = sorted({table for known in reader.definitions.values() for table in known.facts})
    with reader.session() as session:
        kept = _kept(session)
        return Surroundings(
            owners=_ties(session, kept, OWNERSHIP, ("account_id", "manager_id"), window),
            members=_ties(session, kept, MEMBERSHIP, ("manager_id", "team"), window),
            newest=_newest(session, [t for t in tables if ("facts", t) in kept], window, account),
        )


def _kept(session: Session) -> set[tuple[str, str]]:
    rows = session.rows(
        f"SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = '{STATE}'"
    )
    return {(schema, table) for schema, table in rows}


def _ties(
    session: Session,
    kept: set[tuple[str, str]],
    relation: str,
    columns: tuple[str, str],
    window: Window,
) -> tuple[Tie, ...]:
    if ("projections", relation) not in kept:
        return ()
    part, whole = columns
    rows = session.rows(f"""
        SELECT
            {part},
            {whole},
            nullif(max(coalesce(valid_to, TIMESTAMP '9999-12-31')), TIMESTAMP '9999-12-31')
        FROM {STATE}.projections.{name(relation)}
        WHERE valid_from < {_at(window.t1)}
            AND coalesce(valid_to, TIMESTAMP '9999-12-31') > {_at(window.t0)}
            AND {whole} IS NOT NULL
        GROUP BY {part}, {whole}
        ORDER BY {part}, {whole}
    """)
    return tuple(
        Tie(part=each, whole=other, until=_within(until, window)) for each, other, until in rows
    )


def _within(until: dt.datetime | None, window: Window) -> dt.datetime | None:
    moment = until and until.replace(tzinfo=dt.UTC)
    return moment if moment and moment < window.t1 else None


def _newest(
    session: Session, tables: list[str], window: Window, account: str | None
) -> dict[str, Newest]:
    if not tables:
        return {}
    wanted = "" if account is None else f"AND account_id = {quote(account)}"
    queries = [
        f"""
        SELECT
            '{table}',
            CASE WHEN account_id IS NOT NULL THEN 'account ' || account_id
                ELSE 'manager ' || coalesce(manager_id, '') END AS whose,
            max(occurred_at)
        FROM {STATE}.facts.{name(table)}
        WHERE occurred_at < {_at(window.t1)} {wanted}
        GROUP BY whose
        """
        for table in tables
    ]
    found: dict[str, dict[str, dt.datetime]] = defaultdict(dict)
    for table, whose, moment in session.rows(" UNION ALL ".join(queries)):
        found[table][whose] = moment.replace(tzinfo=dt.UTC)
    return dict(found)


def _at(moment: dt.datetime) -> str:
    return f"TIMESTAMP '{moment.replace(tzinfo=None).isoformat(sep=' ')}'"
