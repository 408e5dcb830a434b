"""Merged accounts: which account each became part of, and whose facts follow it there."""

from __future__ import annotations

from kamengine.engine import decode
from kamengine.engine.session import Session, name
from kamengine.event import EventType
from kamengine.plugins import Registry

MERGED = """
CREATE OR REPLACE TEMP TABLE {table} AS
WITH RECURSIVE stated AS (
{pairs}
),

pairs AS (
    SELECT account_id, arg_max(into_id, (occurred_at, id)) AS into_id
    FROM stated
    GROUP BY account_id
),

-- a chain that leads back into itself never ends: UNION stops where it repeats
chains AS (
    SELECT account_id, into_id
    FROM pairs
    UNION
    SELECT chains.account_id, pairs.into_id
    FROM chains
    INNER JOIN pairs ON chains.into_id = pairs.account_id
)

SELECT account_id, into_id
FROM chains
WHERE into_id NOT IN (SELECT account_id FROM pairs)
"""
"""Accounts with the one at the end of their chain; those in a circle stay as they are."""


class Merging:
    """Keeps the facts of merged accounts where they belong.

    Args:
        session: Holds the facts.
        registry: Knows which event types merge accounts, and which follow.
    """

    def __init__(self, session: Session, registry: Registry) -> None:
        types = registry.event_types.values()
        self._session = session
        self._types = [t for t in types if t.merges_into]
        self.tables = {t.table for t in self._types}
        self.followers: list[EventType] = [
            t for t in types if t.follows_merge and not t.merges_into
        ]

    def find(self, upto: int) -> bool:
        """Gather merged accounts as of a position; tell whether there are any."""
        if not self._types:
            return False
        self._gather("merged", upto)
        return bool(self._session.value("SELECT count(*) FROM merged"))

    def thought_better_of(self, before: int, upto: int) -> bool:
        """Tell whether facts were put, as of a position, where they no longer belong."""
        self._gather("merged", upto)
        self._gather("merged_before", before)
        found: bool = self._session.value("""
            SELECT EXISTS (
                SELECT 1
                FROM merged_before
                LEFT JOIN merged USING (account_id)
                LEFT JOIN merged AS onward ON onward.account_id = merged_before.into_id
                WHERE merged.into_id
                    IS DISTINCT FROM coalesce(onward.into_id, merged_before.into_id)
            )
        """)
        return found

    def redirect(self, event_type: EventType) -> None:
        """Put the facts of a type under the accounts that theirs became part of."""
        self._session.run(
            f"UPDATE {decode.fact_table(event_type)} AS facts SET account_id = merged.into_id"
            " FROM merged WHERE facts.account_id = merged.account_id"
        )

    def _gather(self, table: str, upto: int) -> None:
        pairs = "\nUNION ALL\n".join(
            f"SELECT account_id, {name(str(t.merges_into))} AS into_id, occurred_at, id"
            f" FROM {decode.fact_table(t)} WHERE event_id <= {upto}"
            for t in self._types
        )
        self._session.run(MERGED.format(table=table, pairs=pairs))
