"""``docs/hooks.md``: what a plugin may register, and what it registers it with."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Literal

import msgspec

from kamengine import event, hookspecs, kpi, projection
from kamengine.catalogue.markdown import attributes, code, fenced, prose, table

INTRO = """# Hooks and declarations

A pack is a module with hook implementations: functions under the names below, marked with
`@hookimpl` (`from kamengine import hookimpl`). An entry point of the group `kamengine` names the
module. Each hook is called once, when the pack is loaded. A pack may implement any of them.

Everything below can be imported from `kamengine`.
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
}


def page() -> str:
    """Return the page."""
    parts = [INTRO, "## Hooks", *_hooks()]
    for title, declarations in DECLARATIONS.items():
        parts += [f"## {title}", *map(_declaration, declarations)]
    return "\n\n".join(part.strip() for part in parts)


def _hooks() -> list[str]:
    found = [
        (name, function)
        for name, function in vars(hookspecs).items()
        if name.startswith("kamengine_") and inspect.isfunction(function)
    ]
    return [
        f"### `{name}`\n\n{_signature(name, function)}\n\n{prose(function.__doc__)}"
        for name, function in found
    ]


def _signature(name: str, function: Callable[..., object]) -> str:
    written = str(inspect.signature(function)).replace("'", "")
    return fenced(f"def {name}{written}", "python")


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
