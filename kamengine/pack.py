"""One pack asked for all that it registers, and every answer looked over."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from inspect import signature
from types import ModuleType
from typing import Any

import click
import msgspec
import pluggy

from kamengine import api, hookspecs
from kamengine.errors import DefinitionError, KamengineError, PluginError
from kamengine.event import ENVELOPE, EventType, columns_of
from kamengine.extensions import Importer, LintRule, Notifier, OutputFormat
from kamengine.hookspecs import PROJECT, Simulation
from kamengine.kpi import KPI
from kamengine.projection import Projection
from kamengine.suggestions import suggest

_WORD = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")


class Kind(msgspec.Struct, frozen=True):
    """A kind of thing that packs register.

    Attributes:
        name: As it is counted and told.
        hook: The hook that returns such things.
        type: What they are.
        check: Raises a `KamengineError` for one that can't work.
    """

    name: str
    hook: str
    type: type
    check: Callable[[Any], None]


class Asked(msgspec.Struct, frozen=True):
    """What came of asking a pack.

    Attributes:
        api: The version of the contract that it was written for.
        found: Kind to the things that it registers.
    """

    api: api.Version
    found: dict[str, list[Any]]


class Unimportable:
    """Stands where a pack's module should be, so that one path quarantines both.

    Args:
        module: The module's name.
        error: What importing it raised.
    """

    def __init__(self, module: str, error: BaseException) -> None:
        self.module = module
        self.error = error


def ask(
    name: str, plugin: object, specs: ModuleType = hookspecs, *, inspecting: bool = True
) -> Asked:
    """Call every hook of one plugin alone and check what it returns.

    Args:
        name: The pack's name.
        plugin: An object or module with hook implementations.
        specs: The hooks that there are.
        inspecting: Whether its SQL is looked over; not where somebody vouches for it.

    Raises:
        PluginError: It can't be imported, is written for another version of the contract, or
            returns what isn't asked for.
    """
    if isinstance(plugin, Unimportable):
        version = api.stated_in_source(plugin.module)
        if version is not None:
            api.check_version(version)
        raise PluginError(f"It can't be imported: {reason(plugin.error)}")
    version = _version_of(plugin)
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(specs)
    _check_hooks(plugin, manager)
    manager.register(plugin, name=name)
    kinds = KINDS if inspecting else tuple(map(_trusted, KINDS))
    found = {kind.name: _collect(getattr(manager.hook, kind.hook), kind) for kind in kinds}
    if not any(found.values()):
        raise PluginError("It registers nothing", hint="implement at least one kamengine hook")
    return Asked(version, found)


def _trusted(kind: Kind) -> Kind:
    """Return a kind whose SQL isn't looked over."""
    if kind.check is not _inspect:
        return kind
    return msgspec.structs.replace(kind, check=lambda _: None)


def _inspect(definition: KPI | Projection) -> None:
    from kamengine.inspection import inspect  # noqa: PLC0415 - it needs a parser, slow to import

    inspect(definition)


@contextmanager
def heeding() -> Iterator[list[str]]:
    """Collect what the contract warns of while the block imports or asks a pack."""
    told: list[str] = []
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always", api.ContractWarning)
        try:
            yield told
        finally:
            told += dict.fromkeys(
                str(w.message) for w in heard if issubclass(w.category, api.ContractWarning)
            )
    for other in heard:
        if not issubclass(other.category, api.ContractWarning):
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)


def key(item: Any) -> str:
    """Return the name that a thing is registered under."""
    return str(item.id if isinstance(item, KPI) else item.name)


def reason(error: BaseException) -> str:
    """Return what an error says, on one line and without a full stop."""
    if isinstance(error, KamengineError):
        return str(error).rstrip(".")
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _check_hooks(plugin: object, manager: pluggy.PluginManager) -> None:
    """Refuse what pluggy would refuse, in words for whoever wrote the pack."""
    hooks = [kind.hook for kind in KINDS]
    for attribute in dir(plugin):
        told = manager.parse_hookimpl_opts(plugin, attribute)
        if told is None:
            continue
        hook = told.get("specname") or attribute
        if hook not in hooks:
            hint = suggest(hook, hooks) or f"the hooks are {', '.join(hooks)}"
            raise PluginError("It implements a hook that there isn't", value=hook, hint=hint)
        asked = list(signature(getattr(plugin, attribute)).parameters)
        if asked:
            raise PluginError(
                f"The hook {hook} is called without arguments, and this asks for some",
                value=", ".join(asked),
            )


def _version_of(plugin: object) -> api.Version:
    stated = getattr(plugin, api.ATTRIBUTE, None)
    if stated is None:
        warnings.warn(api.UnstatedWarning(), stacklevel=2)
        return api.FIRST
    version = api.read_version(stated)
    api.check_version(version)
    return version


def _collect(hook: Callable[[], list[Iterable[object]]], kind: Kind) -> list[Any]:
    items: list[Any] = []
    for item in (item for answer in hook() for item in answer):
        if not isinstance(item, kind.type):
            raise PluginError(
                f"A hook for {kind.type.__name__} returned something else", value=item
            )
        kind.check(item)
        items.append(item)
    return items


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


def _check_command(command: click.Command) -> None:
    if not command.callback and not isinstance(command, click.Group):
        raise DefinitionError("A command has nothing to call", value=command.name)
    _check_word(command.name, "Command")


def _check_callable(attribute: str) -> Callable[[Any], None]:
    """Return the check of a thing that is a name and a function."""

    def check(item: Any) -> None:
        kind = type(item).__name__
        _check_word(item.name, kind)
        if not callable(getattr(item, attribute)):
            raise DefinitionError(
                f"`{attribute}` must be a function",
                value=getattr(item, attribute),
                where=f"{kind} {item.name}",
            )

    return check


def _check_word(name: object, kind: str) -> None:
    if not isinstance(name, str) or not _WORD.fullmatch(name):
        raise DefinitionError(
            "This is no name to ask for",
            value=name,
            where=kind,
            hint="write lower case letters and digits, with a hyphen between words",
        )


KINDS = (
    Kind("event types", "kamengine_event_types", EventType, _check_event_type),
    Kind("projections", "kamengine_projections", Projection, _inspect),
    Kind("kpis", "kamengine_kpis", KPI, _inspect),
    Kind("simulations", "kamengine_simulations", Simulation, _check_callable("lines")),
    Kind("lint rules", "kamengine_lint_rules", LintRule, _check_callable("check")),
    Kind("importers", "kamengine_importers", Importer, _check_callable("read")),
    Kind("notifiers", "kamengine_notifiers", Notifier, _check_callable("notify")),
    Kind("output formats", "kamengine_output_formats", OutputFormat, _check_callable("write")),
    Kind("commands", "kamengine_commands", click.Command, _check_command),
)
"""Every kind of thing that a pack may register, in the order in which it is asked."""
