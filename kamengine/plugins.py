"""Finding packs, loading them one by one, and keeping the broken ones apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import metadata
from typing import Any, Literal, TypeVar

import click
import msgspec

from kamengine.errors import PluginError, UnknownNameError
from kamengine.event import EventType
from kamengine.extensions import Importer, LintRule, Notifier, OutputFormat
from kamengine.hookspecs import PROJECT, Simulation
from kamengine.kpi import KPI, Composite
from kamengine.pack import KINDS, Asked, Unimportable, ask, heeding, key, reason
from kamengine.projection import Projection
from kamengine.suggestions import suggest
from kamengine.vocabulary import OWN

ENGINE_RELATIONS = frozenset({"windows", "window_months"})
"""Relations that the engine itself offers to KPI SQL."""

Definition = TypeVar("Definition", EventType, KPI)


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin as found: loaded, or quarantined with the reason.

    Attributes:
        name: The name that it is listed under.
        distribution: The installed distribution that it came with.
        version: That distribution's version.
        status: Whether all that it registers is there, or nothing is.
        reason: Why it is quarantined.
        provides: Kind of thing to the number that it registers.
        api: The version of the plugin API that it is written for.
        warnings: What it uses that a later version won't have.
    """

    name: str
    distribution: str
    version: str
    status: Literal["loaded", "quarantined"]
    reason: str | None = None
    provides: dict[str, int] = {}
    api: str | None = None
    warnings: tuple[str, ...] = ()


class Registry:
    """Everything that the loaded packs registered, by name.

    Args:
        taken: Kind of thing to names that no pack may use, because whoever asks has them.
        inspecting: Whether the SQL of what comes in is looked over; not where somebody vouches
            for it, since that takes longer than all else.

    Attributes:
        event_types: By name, ``touch.logged``; the engine's own are among them.
        projections: By name, ``deals``.
        kpis: By id, ``nps``.
        simulations: By name, and so are the next five.
        lint_rules: What settings are held to.
        importers: Readers of files.
        notifiers: Who is told of replays.
        output_formats: Forms of output.
        commands: Commands beside those of kamengine.
        packs: Every pack found, in loading order, quarantined ones included.
        recorded: Whether it is what was applied once. The config that was applied with it is
            followed then, even where it names a KPI that no pack had: nobody can edit it.
    """

    def __init__(
        self, taken: Mapping[str, Iterable[str]] | None = None, *, inspecting: bool = True
    ) -> None:
        self._inspecting = inspecting
        self.event_types: dict[str, EventType] = dict(OWN)
        self.projections: dict[str, Projection] = {}
        self.kpis: dict[str, KPI] = {}
        self.simulations: dict[str, Simulation] = {}
        self.lint_rules: dict[str, LintRule] = {}
        self.importers: dict[str, Importer] = {}
        self.notifiers: dict[str, Notifier] = {}
        self.output_formats: dict[str, OutputFormat] = {}
        self.commands: dict[str, click.Command] = {}
        self.packs: list[Pack] = []
        self.recorded = False
        self.pack_of: dict[str, str] = {
            f"{kind}:{name}": "kamengine" for kind, names in (taken or {}).items() for name in names
        } | {f"event types:{name}": "the engine" for name in OWN}

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

    def add(
        self,
        name: str,
        plugin: object,
        distribution: str = "-",
        version: str = "-",
        warned: Iterable[str] = (),
    ) -> Pack:
        """Load one pack: all that it registers is taken, or nothing is.

        Args:
            name: The name that the pack is quarantined or listed under.
            plugin: An object or module with hook implementations.
            distribution: The installed distribution that it came with.
            version: That distribution's version.
            warned: What the contract warned of when the pack was imported.
        """
        asked, problem = None, None
        with heeding() as told:
            try:
                asked = ask(name, plugin, inspecting=self._inspecting)
                self._take(name, asked)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises, it alone pays
                problem = reason(error)
        pack = Pack(
            name=name,
            distribution=distribution,
            version=version,
            status="quarantined" if problem else "loaded",
            reason=problem,
            provides=_counts(asked) if asked and not problem else {},
            api=str(asked.api) if asked else None,
            warnings=(*warned, *told),
        )
        self.packs.append(pack)
        return pack

    def _take(self, pack: str, asked: Asked) -> None:
        fresh: dict[str, dict[str, Any]] = {kind: {} for kind in asked.found}
        for kind, items in asked.found.items():
            for item in items:
                name = key(item)
                owner = pack if name in fresh[kind] else self.pack_of.get(f"{kind}:{name}")
                if owner is not None:
                    raise PluginError(f"It registers {name!r} again; {owner} has it already")
                fresh[kind][name] = item
        self._check_relations(pack, fresh)
        for kind, items_by_key in fresh.items():
            self._stores()[kind].update(items_by_key)
            self.pack_of.update({f"{kind}:{name}": pack for name in items_by_key})

    def _check_relations(self, pack: str, fresh: dict[str, dict[str, Any]]) -> None:
        """Fact tables, projections and what the engine offers are read under one set of names."""
        taken = dict.fromkeys(ENGINE_RELATIONS, "the engine") | {
            item.table if isinstance(item, EventType) else key: self.pack_of[f"{kind}:{key}"]
            for kind in ("event types", "projections")
            for key, item in self._stores()[kind].items()
        }
        for kind in ("event types", "projections"):
            for own_name, item in fresh[kind].items():
                relation = item.table if isinstance(item, EventType) else own_name
                if relation in taken:
                    raise PluginError(
                        f"SQL would read two things as {relation!r}; "
                        f"{taken[relation]} has it already"
                    )
                taken[relation] = pack

    def _stores(self) -> dict[str, dict[str, Any]]:
        return {kind.name: getattr(self, kind.name.replace(" ", "_")) for kind in KINDS}


def load(taken: Mapping[str, Iterable[str]] | None = None, *, inspecting: bool = True) -> Registry:
    """Find every installed pack by its entry point and load them in the order of their names.

    Those that come with the engine go first: where somebody else's registers a name again, it is
    theirs that is left out.

    Args:
        taken: Names that no pack may use, as for a `Registry`.
        inspecting: Whether their SQL is looked over.
    """
    registry = Registry(taken, inspecting=inspecting)
    for point in sorted(metadata.entry_points(group=PROJECT), key=_turn):
        distribution = point.dist.name if point.dist else "-"
        version = point.dist.version if point.dist else "-"
        with heeding() as warned:
            try:
                plugin: object = point.load()
            except (Exception, SystemExit) as error:  # noqa: BLE001 - an import may do anything
                plugin = Unimportable(point.module, error)
        registry.add(point.name, plugin, distribution, version, warned)
    return registry


def _turn(point: metadata.EntryPoint) -> tuple[bool, str]:
    return (point.dist is None or point.dist.name != PROJECT, point.name)


def _counts(asked: Asked) -> dict[str, int]:
    return {kind: len(items) for kind, items in asked.found.items() if items}


def _find(store: dict[str, Definition], key: str, kind: str, hint: str) -> Definition:
    if key in store:
        return store[key]
    near = suggest(key, store)
    raise UnknownNameError(f"There is no {kind} of that name", value=key, hint=near or hint)
