"""A draft: definitions in a file that isn't installed, read as if it were, beside what is."""

from __future__ import annotations

import copy
import importlib.util
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import msgspec

from kamengine.errors import PluginError
from kamengine.event import EventType
from kamengine.hookspecs import PROJECT, hookimpl
from kamengine.kpi import KPI
from kamengine.plugins import Registry
from kamengine.projection import Projection

Definition = TypeVar("Definition")


class Draft(msgspec.Struct, frozen=True):
    """What a file declares, beside the packs that are installed.

    Attributes:
        registry: The installed packs, with the file's definitions, and those of the package that
            it is a part of, in the place of any of the same name.
        kpis: The ids of the KPIs in the file.
        fresh: Names of all that comes from the file or its package: KPIs, projections, and event
            types as relations.
    """

    registry: Registry
    kpis: tuple[str, ...]
    fresh: frozenset[str]


def read_draft(path: Path, installed: Registry) -> Draft:
    """Read a file as it is now.

    It may have hooks, or nothing but declarations under names of its own.

    Args:
        path: A Python file, by itself or in a package.
        installed: The packs that are installed.

    Raises:
        PluginError: It can't be imported, or declares nothing, or nothing that can be used.
    """
    package, module = _imported(path)
    own = _registered(path, module)
    around = _registered(path, package) if package is not None else Registry()
    registry = copy.copy(installed)
    registry.event_types = {**installed.event_types, **around.event_types, **own.event_types}
    registry.projections = {**installed.projections, **around.projections, **own.projections}
    registry.kpis = {**installed.kpis, **around.kpis, **own.kpis}
    fresh = {
        name
        for part in (own, around)
        for name in (*part.kpis, *part.projections, *(t.table for t in part.event_types.values()))
    }
    if not own.kpis:
        raise PluginError(
            "No KPI is declared in it", where=str(path), hint="name a file with one, X = KPI(...)"
        )
    return Draft(registry, tuple(own.kpis), frozenset(fresh))


class _Declared:
    """A plugin of what stands in a module under any name."""

    def __init__(self, module: ModuleType) -> None:
        self._values = list(vars(module).values())

    @property
    def anything(self) -> bool:
        """Whether there is something to register."""
        return any(self._of(kind) for kind in (EventType, Projection, KPI))

    def _of(self, kind: type[Definition]) -> list[Definition]:
        found = [value for value in self._values if isinstance(value, kind)]
        listed = [v for values in self._values if isinstance(values, tuple | list) for v in values]
        found += [value for value in listed if isinstance(value, kind)]
        return list({id(value): value for value in found}.values())

    @hookimpl
    def kamengine_event_types(self) -> Iterable[EventType]:
        return self._of(EventType)

    @hookimpl
    def kamengine_projections(self) -> Iterable[Projection]:
        return self._of(Projection)

    @hookimpl
    def kamengine_kpis(self) -> Iterable[KPI]:
        return self._of(KPI)


def _registered(path: Path, module: ModuleType) -> Registry:
    """Return what a module registers by its hooks, or declares where it has none."""
    has_hooks = any(hasattr(value, f"{PROJECT}_impl") for value in vars(module).values())
    registry, declared = Registry(), _Declared(module)
    if not has_hooks and not declared.anything:
        return registry
    pack = registry.add(module.__name__, module if has_hooks else declared)
    if pack.reason is not None:
        raise PluginError(pack.reason, where=str(path))
    return registry


def _imported(path: Path) -> tuple[ModuleType | None, ModuleType]:
    """Import a file anew, as a part of its package where it is one, and that package."""
    path = path.resolve()
    root = path.parent
    while (root / "__init__.py").is_file():
        root = root.parent
    parts = path.relative_to(root).with_suffix("").parts
    names = [part for part in parts if part != "__init__"]
    sys.path.insert(0, str(root))
    try:
        if root == path.parent:
            return None, _executed(f"draft_{path.stem}", path)
        for name in [n for n in sys.modules if n.partition(".")[0] == names[0]]:
            del sys.modules[name]  # its other files may have been edited as well
        importlib.invalidate_caches()
        return importlib.import_module(names[0]), importlib.import_module(".".join(names))
    except (Exception, SystemExit) as error:
        raise _unimportable(path, error) from error
    finally:
        sys.path.remove(str(root))


def _executed(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError("It isn't a Python file", value=str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _unimportable(path: Path, error: BaseException) -> PluginError:
    """Say why a file can't be imported, with the line of it that is at fault."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    for frame in traceback.extract_tb(error.__traceback__):
        line = frame.lineno if Path(frame.filename) == path else line
    place = f"{path}, line {line}" if line else str(path)
    return PluginError(f"It can't be imported: {type(error).__name__}: {error}", where=place)
