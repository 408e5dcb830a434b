"""Where a reader finds what definitions derive: under their own names, or those of their era."""

from __future__ import annotations

import msgspec


class Derived(msgspec.Struct, frozen=True):
    """What is derived under another name than the definitions have.

    Attributes:
        kpis: KPI to the name of its evidence, where that is another.
        relations: Projection to the name of its table, likewise.
        t0: The definitions are those of periods that begin there, in UTC microseconds; None for
            the newest.
    """

    kpis: dict[str, str] = {}
    relations: dict[str, str] = {}
    t0: int | None = None

    def table(self, projection: str) -> str:
        """Return the name of a projection's table."""
        return self.relations.get(projection, projection)


NEWEST = Derived()
