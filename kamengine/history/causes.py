"""What came between two days of the log, sorted by what it does to numbers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, TypeAlias, get_args

import msgspec

from kamengine.engine import evidence
from kamengine.engine.session import listed
from kamengine.history.definitions import Definitions
from kamengine.vocabulary import AMENDING

Kind: TypeAlias = Literal["new events", "late events", "corrections", "ownership"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Between(msgspec.Struct, frozen=True, kw_only=True):
    """The stretch of the log that one side knows and the other doesn't.

    Attributes:
        after: The last position that both know.
        upto: The last that the later side knows.
        known: The instant (microseconds since 1970, UTC) up to which the earlier side knows the
            log: what occurred before and was recorded after it is late.
        owners: The event types that say who answers for whom, and nothing else about the numbers.
    """

    after: int
    upto: int
    known: int
    owners: tuple[str, ...]

    def of_kind(self, kind: Kind) -> str:
        """Return the condition, in SQL over the log, of the events of one kind in between."""
        amends = f"type IN ({listed(AMENDING)})"
        owns = f"type IN ({listed(self.owners)})" if self.owners else "FALSE"
        told = {
            "corrections": amends,
            "ownership": owns,
            "late events": f"NOT {amends} AND NOT {owns} AND occurred_at < {self.known}",
            "new events": f"NOT {amends} AND NOT {owns} AND occurred_at >= {self.known}",
        }[kind]
        return f"(position > {self.after} AND position <= {self.upto} AND {told})"

    def selecting(self, kinds: Collection[Kind]) -> str:
        """Return the condition of what both know and, of what came after, some kinds."""
        if set(kinds) == set(KINDS):
            return "TRUE"
        parts = [f"position <= {self.after}", *(self.of_kind(k) for k in KINDS if k in kinds)]
        return f"({' OR '.join(parts)})"


def owners_of(definitions: Definitions, kpis: Collection[str]) -> tuple[str, ...]:
    """Return the event types that only say who answers for whom, as far as some KPIs go.

    A type that the KPIs themselves count is no matter of ownership alone.
    """
    graph = definitions.graph
    holding = graph.below(evidence.ATTRIBUTION)
    counted = graph.below(kpis, but=evidence.ATTRIBUTION)
    tables = {t.table: t.name for t in definitions.registry.event_types.values()}
    return tuple(sorted(tables[r] for r in (holding - counted) & tables.keys()))
