"""``docs/hooks.md``: what a plugin may register, and what it registers it with."""

from __future__ import annotations

import hashlib
import inspect
import typing
from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from kamengine import event, extensions, hookspecs, kpi, projection
from kamengine.api import API
from kamengine.catalogue.markdown import attributes, code, example, fenced, prose, table
from kamengine.engine import evidence
from kamengine.engine.session import macros
from kamengine.engine.windows import MONTHS, WINDOWS
from kamengine.periods import Calendar
from kamengine.testing import cases, organisation, plugin, story, strategies

INTRO = """# Hooks and declarations

A pack is a module with hook implementations: functions under the names below, marked with
`@hookimpl` (`from kamengine import hookimpl`). An entry point of the group `kamengine` names the
module. Each hook is called once, when the pack is loaded. A pack may implement any of them.

The module states the version of this contract that it is written for: `kamengine_api = "1.0"`.
[contract.md](contract.md) says what that promises, and how the contract changes.

Everything below can be imported from `kamengine`. Each example is a whole module, and works.
"""

DECLARATIONS: dict[str, tuple[type, ...]] = {
    "Event types": (event.EventType, event.EventData, event.Upcast),
    "Projections": (projection.Projection,),
    "KPIs": (kpi.KPI, kpi.Params),
    "How evidence becomes a value": (
        *(kpi.Sum, kpi.Ratio, kpi.Mean, kpi.Quantile, kpi.Distinct, kpi.Latest),
        *(kpi.Overlap, kpi.MeanOfParts),
        *(kpi.Formula, kpi.Operand, kpi.Composite, kpi.TenureWeights),
    ),
    "Simulations": (hookspecs.Simulation, hookspecs.SimulationPlan),
    "Lint rules": (extensions.LintRule, extensions.LintFinding, extensions.Linted),
    "Importers": (extensions.Importer, extensions.Table),
    "Notifiers": (extensions.Notifier, extensions.Notice),
    "Output formats": (extensions.OutputFormat,),
}


def page() -> str:
    """Return the page."""
    version = f"This is version {API} of the contract, `{fingerprint()}`."
    parts = [INTRO, version, "## Hooks", *_hooks()]
    for title, declarations in DECLARATIONS.items():
        parts += [f"## {title}", *map(_declaration, declarations)]
    return "\n\n".join(part.strip() for part in parts)


def examples() -> dict[str, str]:
    """Return every hook with the module that is its example."""
    return {name: example(function.__doc__) for name, function in _functions().items()}


def fingerprint() -> str:
    """Return what tells the contract from any other: all that packs rely on, without prose."""
    return hashlib.sha256("\n".join(_terms()).encode()).hexdigest()[:12]


def _terms() -> Iterator[str]:
    """Yield all that a pack may rely on, a term a line."""
    for name, function in _functions().items():
        yield _signature(name, function)
    for declared in (d for declarations in DECLARATIONS.values() for d in declarations):
        yield f"class {declared.__name__}"
        hints = typing.get_type_hints(declared)
        for field in msgspec.structs.fields(declared):
            yield f"    {field.name}: {hints[field.name]} = {_default(field)}"
        yield from (f"    property {n}" for n, v in vars(declared).items() if _is_property(n, v))
    yield from (f"evidence.{column}" for column in sorted(evidence.KNOWN))
    for relation, columns in (("windows", WINDOWS.names), ("window_months", MONTHS.names)):
        yield from (f"{relation}.{column}" for column in columns)
    yield from (statement.partition(" AS ")[0] for statement in macros(Calendar()))
    yield from _terms_of_tests()


def _terms_of_tests() -> Iterator[str]:
    """Yield what a pack's tests may rely on: fixtures, stories, strategies, the form of cases."""
    yield from (f"fixture {name}" for name in vars(plugin) if name.startswith("kam"))
    yield f"mark {plugin.MARK}"
    for told in (story.Story, organisation.Organisation):
        for name, method in vars(told).items():
            if inspect.isfunction(method) and not name.startswith("_"):
                yield f"{told.__name__}.{_signature(name, method)}"
            elif _is_property(name, method):
                yield f"{told.__name__}.{name}"
    for strategy in (strategies.events, strategies.histories, strategies.deliveries):
        yield _signature(strategy.__name__, strategy)
    for form in (cases.CaseFile, cases.Case, cases.CaseSettings, cases.Expectation):
        yield from (
            f"{form.__name__}.{f.name}: {_default(f)}" for f in msgspec.structs.fields(form)
        )


def _is_property(name: str, value: object) -> bool:
    return isinstance(value, property) and not name.startswith("_")


def _functions() -> dict[str, Callable[..., object]]:
    return {
        name: function
        for name, function in vars(hookspecs).items()
        if name.startswith("kamengine_") and inspect.isfunction(function)
    }


def _hooks() -> list[str]:
    return [
        "\n\n".join(
            (
                f"### `{name}`",
                fenced(_signature(name, function), "python"),
                prose(function.__doc__),
                fenced(example(function.__doc__), "python"),
            )
        )
        for name, function in _functions().items()
    ]


def _signature(name: str, function: Callable[..., object]) -> str:
    written = str(inspect.signature(function)).replace("'", "")
    return f"def {name}{written}"


def _declaration(declared: type) -> str:
    meanings = attributes(declared.__doc__)
    hints = typing.get_type_hints(declared)
    fields = msgspec.structs.fields(declared)
    rows = [
        (code(f.name), _type(hints[f.name], f.name, declared), _default(f), meanings.get(f.name))
        for f in fields
    ]
    listed = table(("attribute", "type", "default", "meaning"), rows) if rows else ""
    return f"### `{declared.__name__}`\n\n{prose(declared.__doc__)}\n\n{listed}"


def _type(hint: object, name: str, declared: type) -> str:
    """Return a field's type as it is written, or the words to choose from."""
    if typing.get_origin(hint) is Literal:
        return ", ".join(code(str(choice)) for choice in typing.get_args(hint))
    return code(declared.__annotations__[name])


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    if field.default_factory is not msgspec.NODEFAULT:
        return code(f"{field.default_factory()!r}")
    plain = isinstance(field.default, str | int | tuple | None)
    return code(repr(field.default) if plain else str(field.default))
