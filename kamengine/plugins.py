"""Finding packs, loading them one by one, and keeping the broken ones apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import metadata
from typing import Any, Literal, TypeVar

import msgspec
import pluggy

from kamengine import hookspecs
from kamengine.errors import DefinitionError, KamengineError, PluginError, UnknownNameError
from kamengine.event import ENVELOPE, EventType, columns_of
from kamengine.hookspecs import PROJECT, Simulation
from kamengine.kpi import KPI, Composite
from kamengine.projection import Projection
from kamengine.suggestions import suggest
from kamengine.vocabulary import OWN

ENGINE_RELATIONS = frozenset({"windows", "window_months"})
"""Relations that the engine itself offers to KPI SQL."""

Definition = TypeVar("Definition", EventType, Projection, KPI, Simulation)


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin as found: loaded, or quarantined with the reason."""

    name: str
    distribution: str
    version: str
    status: Literal["loaded", "quarantined"]
    reason: str | None = None
    provides: dict[str, int] = {}


class Registry:
    """Everything that the loaded packs registered, by name.

    Args:
        inspecting: Whether the SQL of what comes in is looked over; not where somebody vouches
            for it, since that takes longer than all else.

    Attributes:
        event_types: By name, ``touch.logged``; the engine's own are among them.
        projections: By name, ``deals``.
        kpis: By id, ``nps``.
        simulations: By name.
        packs: Every pack found, in loading order, quarantined ones included.
    """

    def __init__(self, *, inspecting: bool = True) -> None:
        self._inspect = _inspect if inspecting else _trust
        self.event_types: dict[str, EventType] = dict(OWN)
        self.projections: dict[str, Projection] = {}
        self.kpis: dict[str, KPI] = {}
        self.simulations: dict[str, Simulation] = {}
        self.packs: list[Pack] = []
        self.pack_of = {f"event types:{name}": "the engine" for name in OWN}

    @property
    def fact_types(self) -> dict[str, EventType]:
        """The event types whose events become facts: all but the engine's own."""
        return {name: t for name, t in self.event_types.items() if name not in OWN}

    @property
    def measured(self) -> dict[str, KPI]:
        """The KPIs that a replay computes: all but those made of scorecards."""
        return {k: kpi for k, kpi in self.kpis.items() if not isinstance(kpi.value, Composite)}

    @property
    def quarantined(self) -> list[Pack]:
        """The packs that could not be loaded."""
        return [p for p in self.packs if p.status == "quarantined"]

    def kpi(self, kpi_id: str) -> KPI:
        """Return a KPI by id.

        Raises:
            UnknownNameError: No loaded pack registers it.
        """
        return _find(self.kpis, kpi_id, "KPI", "`kamengine kpis list` shows all")

    def event_type(self, name: str) -> EventType:
        """Return an event type by name.

        Raises:
            UnknownNameError: No loaded pack registers it.
        """
        hint = "`kamengine events types` shows all"
        return _find(self.event_types, name, "event type", hint)

    def pack(self, name: str) -> Pack:
        """Return a pack by its name, that of its module, or that of its distribution.

        Raises:
            UnknownNameError: No such pack is installed.
        """
        wanted = name.replace("-", "_")
        for pack in self.packs:
            if wanted in {pack.name, pack.distribution.replace("-", "_")}:
                return pack
        near = suggest(name, [pack.name for pack in self.packs])
        hint = near or "`kamengine plugins list` shows all"
        raise UnknownNameError("There is no pack of that name", value=name, hint=hint)

    def add(self, name: str, plugin: object, distribution: str = "-", version: str = "-") -> Pack:
        """Load one pack: all that it registers is taken, or nothing is.

        Args:
            name: The name that the pack is quarantined or listed under.
            plugin: An object or module with hook implementations.
            distribution: The installed distribution that it came with.
            version: That distribution's version.
        """
        try:
            found = _ask(name, plugin, self._inspect)
            self._take(name, found)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises, it alone pays
            pack = Pack(
                name=name,
                distribution=distribution,
                version=version,
                status="quarantined",
                reason=_reason(error),
            )
        else:
            pack = Pack(
                name=name,
                distribution=distribution,
                version=version,
                status="loaded",
                provides={kind: len(items) for kind, items in found.items() if items},
            )
        self.packs.append(pack)
        return pack

    def _take(self, pack: str, found: dict[str, list[Any]]) -> None:
        if not any(found.values()):
            raise PluginError("It registers nothing", hint="implement at least one kamengine hook")
        stores = self._stores()
        fresh: dict[str, dict[str, Any]] = {kind: {} for kind in found}
        for kind, items in found.items():
            for item in items:
                key = _key(item)
                if key in stores[kind] or key in fresh[kind]:
                    owner = self.pack_of.get(f"{kind}:{key}", pack)
                    raise PluginError(f"It registers {key!r} again; {owner} has it already")
                fresh[kind][key] = item
        self._check_relations(pack, fresh)
        for kind, items_by_key in fresh.items():
            stores[kind].update(items_by_key)
            self.pack_of.update({f"{kind}:{key}": pack for key in items_by_key})

    def _check_relations(self, pack: str, fresh: dict[str, dict[str, Any]]) -> None:
        """Fact tables, projections and what the engine offers are read under one set of names."""
        taken = dict.fromkeys(ENGINE_RELATIONS, "the engine") | {
            item.table if isinstance(item, EventType) else key: self.pack_of[f"{kind}:{key}"]
            for kind in ("event types", "projections")
            for key, item in self._stores()[kind].items()
        }
        for kind in ("event types", "projections"):
            for key, item in fresh[kind].items():
                relation = item.table if isinstance(item, EventType) else key
                if relation in taken:
                    raise PluginError(
                        f"SQL would read two things as {relation!r}; "
                        f"{taken[relation]} has it already"
                    )
                taken[relation] = pack

    def _stores(self) -> dict[str, dict[str, Any]]:
        return {
            "event types": self.event_types,
            "projections": self.projections,
            "kpis": self.kpis,
            "simulations": self.simulations,
        }


def load(*, inspecting: bool = True) -> Registry:
    """Find every installed pack by its entry point and load them in the order of their names.

    Args:
        inspecting: Whether their SQL is looked over.
    """
    registry = Registry(inspecting=inspecting)
    for point in sorted(metadata.entry_points(group=PROJECT), key=lambda p: p.name):
        distribution = point.dist.name if point.dist else "-"
        version = point.dist.version if point.dist else "-"
        try:
            plugin: object = point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - an import may do anything
            plugin = _Unimportable(error)
        registry.add(point.name, plugin, distribution, version)
    return registry


class _Unimportable:
    """Stands where a pack's module should be, so that one path quarantines both."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def _ask(
    name: str, plugin: object, inspect: Callable[[KPI | Projection], None]
) -> dict[str, list[Any]]:
    """Call every hook of one plugin alone and check what it returns."""
    if isinstance(plugin, _Unimportable):
        raise PluginError(f"It can't be imported: {_reason(plugin.error)}")
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin, name=name)
    manager.check_pending()
    return {
        "event types": _collect(manager.hook.kamengine_event_types, EventType, _check_event_type),
        "projections": _collect(manager.hook.kamengine_projections, Projection, inspect),
        "kpis": _collect(manager.hook.kamengine_kpis, KPI, inspect),
        "simulations": _collect(manager.hook.kamengine_simulations, Simulation, lambda _: None),
    }


def _collect(
    hook: Callable[[], list[Iterable[object]]],
    expected: type[Definition],
    check: Callable[[Definition], None],
) -> list[Definition]:
    items: list[Definition] = []
    for item in (item for answer in hook() for item in answer):
        if not isinstance(item, expected):
            raise PluginError(f"A hook for {expected.__name__} returned something else", value=item)
        check(item)
        items.append(item)
    return items


def _inspect(definition: KPI | Projection) -> None:
    from kamengine.inspection import inspect  # noqa: PLC0415 - it needs a parser, slow to import

    inspect(definition)


def _trust(_: KPI | Projection) -> None:
    """Somebody vouches for it."""


def _check_event_type(event_type: EventType) -> None:
    for version in range(1, event_type.version + 1):
        data = event_type.data_of(version)
        if data is None:
            raise DefinitionError(
                f"It has version {event_type.version} but no upcast from version {version}",
                where=f"event type {event_type.name}",
            )
        if taken := sorted(ENVELOPE.keys() & columns_of(data).keys()):
            raise DefinitionError(
                "A payload field has the name of a column that every event has",
                value=taken[0],
                where=f"event type {event_type.name}",
                hint=f"names that are taken: {', '.join(ENVELOPE)}",
            )


def _key(item: EventType | Projection | KPI | Simulation) -> str:
    return item.id if isinstance(item, KPI) else item.name


def _find(store: dict[str, Definition], key: str, kind: str, hint: str) -> Definition:
    if key in store:
        return store[key]
    near = suggest(key, store)
    raise UnknownNameError(f"There is no {kind} of that name", value=key, hint=near or hint)


def _reason(error: BaseException) -> str:
    if isinstance(error, KamengineError):
        return str(error).rstrip(".")
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
