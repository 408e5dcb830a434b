"""Definitions as data: what the log records of a KPI, a projection or an event type, and back.

What was applied must be readable when the pack that declared it is another one, or gone. So the
log holds each definition whole: its SQL as it was written, its parameters with their types, the
shape of a payload down to the default of each field.
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, Literal, TypeAlias, cast

import msgspec

from kamengine.errors import DefinitionError, KamengineError
from kamengine.event import COLUMN_TYPES, EventData, EventType, Upcast, columns_of, keys_of
from kamengine.kpi import KPI, Params, TenureWeights
from kamengine.plugins import Registry
from kamengine.projection import Projection

Sort: TypeAlias = Literal["event type", "projection", "kpi"]
Definition: TypeAlias = EventType | Projection | KPI
Content: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[Sort, str]

TELLING = frozenset({"doc", "title", "source", "controllable_by", "duckdb_only", "replaced_by"})
"""Fields that tell people about a definition and decide no number."""

TENURE = "tenure weights"
"""Stands for the one class of parameters that the engine itself has a meaning for."""

WORDS: dict[object, str] = {str: "text", bool: "flag", int: "integer", Decimal: "decimal"}
TYPES = {word: kind for kind, word in WORDS.items()}


def definitions_of(registry: Registry) -> dict[Key, Definition]:
    """Return everything that decides values, by sort and name."""
    found: dict[Key, Definition] = {}
    found |= {("event type", name): item for name, item in registry.fact_types.items()}
    found |= {("projection", name): item for name, item in registry.projections.items()}
    return found | {("kpi", name): item for name, item in registry.kpis.items()}


def described(definition: Definition) -> Content:
    """Return a definition as plain data, JSON types alone."""
    if isinstance(definition, EventType):
        content = _described_type(definition)
    else:
        content = msgspec.to_builtins(definition)
    if isinstance(definition, KPI):
        content["params"] = _described_params(definition.params)
    return cast("Content", msgspec.json.decode(msgspec.json.encode(content)))


def restored(sort: Sort, content: Content) -> Definition:
    """Return the definition that was described.

    Raises:
        DefinitionError: This kamengine can't make sense of it.
    """
    try:
        return _RESTORE[sort](content)
    except (msgspec.ValidationError, KeyError, TypeError, ValueError) as error:
        raise DefinitionError(
            "A recorded definition can't be read",
            value=str(content.get("id") or content.get("name")),
            where=str(error),
            hint="use the kamengine that applied it, or a newer one",
        ) from error


def alike(one: Content, other: Content) -> bool:
    """Tell whether two descriptions of the same thing mean the same numbers.

    Comments, case and layout of SQL don't count, nor does what only tells people about it.
    """
    if one == other:
        return True
    return _meaning(one) == _meaning(other)


def _meaning(content: Content) -> Content:
    meaning = {name: value for name, value in content.items() if name not in TELLING}
    if meaning.get("sql"):
        meaning["sql"] = normal(meaning["sql"])
    return meaning


@cache
def normal(text: str) -> str:
    """Return SQL as its syntax tree has it, or as it is where it doesn't parse."""
    from kamengine import sql  # noqa: PLC0415 - few texts differ, and a parser takes its time

    try:
        return sql.normalised(text)
    except KamengineError:
        return text


def _described_params(params: Params) -> Content:
    if isinstance(params, TenureWeights):
        return {"class": TENURE, "fields": msgspec.to_builtins(params)}
    hints = typing.get_type_hints(type(params))
    fields = {
        field: [_word(hints[field]), msgspec.to_builtins(getattr(params, field))]
        for field in params.__struct_fields__
    }
    return {"fields": fields}


def _restored_params(content: Content) -> Params:
    if content.get("class") == TENURE:
        return msgspec.convert(content["fields"], TenureWeights, strict=False)
    if not content["fields"]:
        return Params()
    fields = [
        (name, _type(word), _default(msgspec.convert(value, _type(word), strict=False)))
        for name, (word, value) in content["fields"].items()
    ]
    made = msgspec.defstruct("Restored", fields, bases=(Params,), frozen=True, kw_only=True)
    return cast("Params", made())


def _default(value: object) -> Any:
    """Return a struct's default; one that could change is made anew for each struct."""
    if isinstance(value, dict):
        return msgspec.field(default_factory=lambda: dict(value))
    return msgspec.field(default=value)


def _word(hint: Any) -> str:
    """Name the type of a parameter."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in WORDS:
        return WORDS[hint]
    if origin is tuple:
        return f"list of {_word(arguments[0])}"
    if origin is dict:
        return f"map to {_word(arguments[1])}"
    if origin is Literal:
        return _word(type(arguments[0]))
    if origin is typing.Annotated:
        return _word(arguments[0])
    raise DefinitionError(
        "A parameter has a type that can't be recorded",
        value=str(hint),
        hint="use str, bool, int, Decimal, a tuple of them, or a dict from str to them",
    )


def _type(word: str) -> Any:
    if word.startswith("list of "):
        return tuple[_type(word.removeprefix("list of ")), ...]  # type: ignore[misc]
    if word.startswith("map to "):
        return dict[str, _type(word.removeprefix("map to "))]  # type: ignore[misc]
    return TYPES[word]


def _restored_kpi(content: Content) -> KPI:
    params = _restored_params(content["params"])
    plain = {name: value for name, value in content.items() if name != "params"}
    return msgspec.structs.replace(msgspec.convert(plain, KPI, strict=False), params=params)


def _described_type(event_type: EventType) -> Content:
    current = Upcast(version=event_type.version, data=event_type.data)
    shapes = [
        {
            "version": shape.version,
            "fields": _described_fields(shape.data),
            "columns": shape.columns,
        }
        for shape in (*event_type.upcasts, current)
    ]
    plain = {
        name: getattr(event_type, name)
        for name in event_type.__struct_fields__
        if name not in {"data", "upcasts"}
    }
    return plain | {"shapes": shapes}


@cache
def _described_fields(data: type[EventData]) -> list[list[Any]]:
    fields = {field.name: field for field in msgspec.structs.fields(data)}
    keys, columns = keys_of(data), columns_of(data)
    return [[c, keys[c], kind, _described_default(fields[c])] for c, kind in columns.items()]


def _described_default(field: msgspec.structs.FieldInfo) -> Any:
    default = field.default
    if field.default_factory is not msgspec.NODEFAULT:
        default = field.default_factory()
    return None if default is msgspec.NODEFAULT else msgspec.to_builtins(default)


def _restored_type(content: Content) -> EventType:
    plain = {name: value for name, value in content.items() if name != "shapes"}
    *earlier, current = [
        Upcast(
            version=shape["version"],
            data=_restored_data(content["name"], shape),
            columns=shape["columns"],
        )
        for shape in content["shapes"]
    ]
    return EventType(**plain, data=current.data, upcasts=tuple(earlier))


def _restored_data(name: str, shape: Content) -> type[EventData]:
    fields = []
    for column, key, sql_type, default in shape["fields"]:
        kind = _python_type(sql_type)
        value = None if default is None else msgspec.convert(default, kind, strict=False)
        fields.append((column, kind | None, _field(key, value)))
    made = msgspec.defstruct(
        f"{name}@{shape['version']}", fields, bases=(EventData,), frozen=True, kw_only=True
    )
    return cast("type[EventData]", made)


def _field(key: str, value: object) -> Any:
    if isinstance(value, dict):
        return msgspec.field(name=key, default_factory=lambda: dict(value))
    return msgspec.field(name=key, default=value)


def _python_type(sql_type: str) -> Any:
    if sql_type.endswith("[]"):
        return tuple[_python_type(sql_type.removesuffix("[]")), ...]  # type: ignore[misc]
    if sql_type.startswith("MAP(VARCHAR, "):
        inner = sql_type.removeprefix("MAP(VARCHAR, ").removesuffix(")")
        return dict[str, _python_type(inner)]  # type: ignore[misc]
    return next(kind for kind, column in COLUMN_TYPES.items() if column == sql_type)


_RESTORE: dict[Sort, Callable[[Content], Definition]] = {
    "event type": _restored_type,
    "projection": lambda content: msgspec.convert(content, Projection, strict=False),
    "kpi": _restored_kpi,
}
