"""Where a reader finds what definitions derive: under their own names, or those of their era."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import msgspec

from kamengine.engine.session import STATE, Session, name, quote


class Names(msgspec.Struct, frozen=True):
    """What is derived under another name than the definitions have.

    Attributes:
        kpis: KPI to the name of its evidence, where that is another.
        relations: Projection to the name of its table, likewise.
    """

    kpis: Mapping[str, str] = {}
    relations: Mapping[str, str] = {}


class Derived:
    """Whose definitions a reader answers by, and under which names they are derived.

    Args:
        t0: The definitions are those of periods that begin there, in UTC microseconds; None for
            the newest.
        names: Tells the names. It is asked when they are first needed: telling takes a parser.
    """

    def __init__(self, t0: int | None = None, names: Callable[[], Names] = Names) -> None:
        self.t0 = t0
        self._ask = names

    @cached_property
    def _names(self) -> Names:
        return self._ask()

    @property
    def kpis(self) -> Mapping[str, str]:
        """KPI to the name of its evidence, where that is another than its own."""
        return self._names.kpis

    @property
    def relations(self) -> Mapping[str, str]:
        """Projection to the name of its table, likewise."""
        return self._names.relations


def kept(session: Session, derived: Derived, projection: str) -> str | None:
    """Return the relation that holds a projection's rows; None where none are kept.

    Only where a projection is derived under several names does it matter which is meant.
    """
    plain = quote(projection)
    found = session.rows(
        f"SELECT table_name FROM duckdb_tables() WHERE database_name = {quote(STATE)}"
        " AND schema_name = 'projections'"
        f" AND (table_name = {plain} OR starts_with(table_name, {plain} || '__'))"
    )
    tables = {table for (table,) in found}
    own = projection
    if not tables <= {projection}:
        own = derived.relations.get(projection, projection)
    return f"{STATE}.projections.{name(own)}" if own in tables else None


NEWEST = Derived()
