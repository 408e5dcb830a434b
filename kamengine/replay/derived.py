"""Where a reader finds what definitions derive: under their own names, or those of their era."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

import msgspec

from kamengine.engine.connection import LimitError, MachineError
from kamengine.engine.session import STATE, Session, name, quote
from kamengine.errors import ReplayError


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
    def newest(self) -> bool:
        """Whether they are the newest definitions, which are derived under their own names."""
        return self.t0 is None

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
    own = projection
    if not derived.newest and _is_several(session, projection):
        own = derived.relations.get(projection, projection)
    relation = f"{STATE}.projections.{name(own)}"
    return relation if is_there(session, relation) else None


def is_there(session: Session, relation: str) -> bool:
    """Tell whether a relation can be read; to look for it in a list takes ten times as long."""
    try:
        session.rows(f"SELECT 1 FROM {relation} LIMIT 0")
    except (MachineError, LimitError):
        raise
    except ReplayError:
        return False
    return True


def _is_several(session: Session, projection: str) -> bool:
    """Tell whether a projection is derived under a name of an era's as well."""
    return bool(
        session.rows(
            f"SELECT 1 FROM duckdb_tables() WHERE database_name = {quote(STATE)}"
            " AND schema_name = 'projections'"
            f" AND starts_with(table_name, {quote(f'{projection}__')})"
        )
    )


NEWEST = Derived()
