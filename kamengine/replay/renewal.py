"""One account's facts made anew from the log, whatever the tables say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kamengine.engine import decode
from kamengine.engine.session import Session, listed, quote
from kamengine.errors import UnknownNameError
from kamengine.event import EventType
from kamengine.suggestions import suggest

LOOK = "`kamengine events list` shows to whom events belong"


def family(session: Session, account: str) -> tuple[str, ...]:
    """Return an account with all that were merged with it; its facts stand under one of them.

    Args:
        session: With the table ``merged``: accounts and what they became part of.
        account: Any of the family.
    """
    asked = quote(account)
    rows = session.rows(f"""
        WITH survivor AS (
            SELECT coalesce(max(into_id), {asked}) AS into_id
            FROM merged
            WHERE account_id = {asked}
        )

        SELECT into_id FROM survivor
        UNION
        SELECT account_id FROM merged WHERE into_id IN (SELECT into_id FROM survivor)
    """)
    return tuple(sorted({account, *(row[0] for row in rows)}))


def forget(
    session: Session, event_types: Iterable[EventType], accounts: Sequence[str]
) -> list[EventType]:
    """Delete the facts of some accounts; return the types that had any."""
    types = {t.table: t for t in event_types}
    where = f"WHERE account_id IN ({listed(accounts)})"
    counts = "\nUNION ALL\n".join(
        f"SELECT {quote(table)} AS held, count(*) AS facts FROM {decode.fact_table(t)} {where}"
        for table, t in types.items()
    )
    rows = session.rows(f"SELECT held FROM ({counts}) WHERE facts > 0 ORDER BY held")
    held = [types[row[0]] for row in rows]
    for event_type in held:
        session.run(f"DELETE FROM {decode.fact_table(event_type)} {where}")
    return held


def unknown(session: Session, event_types: Iterable[EventType], account: str) -> UnknownNameError:
    """Return the error that tells that the log has no such account."""
    every = "\nUNION\n".join(f"SELECT account_id FROM {decode.fact_table(t)}" for t in event_types)
    known = [row[0] for row in session.rows(every) if row[0] is not None]
    return UnknownNameError(
        "No event in the log belongs to this account",
        value=account,
        hint=suggest(account, known) or LOOK,
    )
