"""The pack that is looked over: its own definitions, its files, and everybody else's beside it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from kamengine.event import EventType
from kamengine.kpi import KPI
from kamengine.plugins import Pack, Registry
from kamengine.projection import Projection
from kamengine.testing.worked import module_of

Definition = TypeVar("Definition")


class Subject:
    """A pack among those that are installed.

    Args:
        registry: All packs.
        pack: The one to look at.

    Attributes:
        kpis: Its own KPIs.
        projections: Its own projections.
        event_types: Its own event types.
        sources: Its Python files, by their path from the folder that holds the package.
    """

    def __init__(self, registry: Registry, pack: Pack) -> None:
        self.registry = registry
        self.pack = pack
        self.kpis: list[KPI] = self._own("kpis", registry.kpis)
        self.projections: list[Projection] = self._own("projections", registry.projections)
        self.event_types: list[EventType] = self._own("event types", registry.event_types)
        self.sources: dict[str, str] = _sources(module_of(pack.name))

    @property
    def definitions(self) -> list[KPI | Projection]:
        """Whatever has SQL, projections first."""
        return [*self.projections, *self.kpis]

    def _own(self, kind: str, store: Mapping[str, Definition]) -> list[Definition]:
        owner = self.registry.pack_of
        return [item for key, item in store.items() if owner.get(f"{kind}:{key}") == self.pack.name]

    def place(self, sql: str, offset: int) -> tuple[str | None, int, int]:
        """Return file, line and column of a place in a definition's SQL.

        Where no file of the pack holds the SQL as it is (it is put together, say), the file is
        None, and line and column are those in the SQL.
        """
        for file, text in self.sources.items():
            start = text.find(sql)
            if start >= 0 and text.count(sql) == 1:
                return file, *line_and_column(text, start + offset)
        return None, *line_and_column(sql, offset)

    def declaration(self, of: str) -> tuple[str, int, int] | None:
        """Return file, line and column at which a definition is given its name, if that is plain.

        Args:
            of: What a finding calls it: ``KPI nps``.
        """
        name = re.escape(of.rpartition(" ")[2])
        for file, text in self.sources.items():
            if found := re.search(rf"""\b(?:id|name)=["']{name}["']""", text):
                return file, *line_and_column(text, found.start())
        return None


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Return the line and the column of a character, both from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def _sources(module: str) -> dict[str, str]:
    spec = None
    with contextlib.suppress(ImportError, ValueError):
        spec = find_spec(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return {}
    origin = Path(spec.origin)
    files = sorted(origin.parent.rglob("*.py")) if spec.submodule_search_locations else [origin]
    root = origin.parent.parent if spec.submodule_search_locations else origin.parent
    return {str(f.relative_to(root)): f.read_text("utf-8", errors="replace") for f in files}
