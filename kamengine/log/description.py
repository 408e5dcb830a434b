"""Describing the payload of an event type to those who write events."""

from __future__ import annotations

import datetime as dt
import types
import typing
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from kamengine.event import EventType

_NOUNS: dict[object, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    Decimal: "decimal",
    dt.date: "date",
    dt.datetime: "time",
    msgspec.Raw: "payload",
}

ENDLESS = 10**9
"""A bound from here on guards against nonsense, and tells nobody anything."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a payload.

    Attributes:
        field: Its name in JSON.
        type: What it may hold, in words.
        required: Whether every event must have it.
        default: What stands in where it is absent; None where nothing does.
    """

    field: str
    type: str
    required: bool
    default: object


def describe(event_type: EventType) -> list[Field]:
    """Return the fields of a type's current payload, required ones first."""
    hints = typing.get_type_hints(event_type.data, include_extras=True)
    fields = [
        Field(
            field=field.encode_name,
            type=_words(hints[field.name]),
            required=field.required,
            default=None if field.default in (msgspec.NODEFAULT, ()) else field.default,
        )
        for field in msgspec.structs.fields(event_type.data)
    ]
    return sorted(fields, key=lambda field: not field.required)


def _words(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _words(arguments[0]) + "".join(_bounds(a) for a in arguments[1:])
    if origin is Literal:
        return " | ".join(str(a) for a in arguments)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_words(a) for a in arguments if a is not type(None))
    if origin in (tuple, list):
        return f"list of {_words(arguments[0])}"
    if origin is dict:
        return f"map to {_words(arguments[1])}"
    return _NOUNS.get(hint, str(hint))


def _bounds(annotation: object) -> str:
    if not isinstance(annotation, msgspec.Meta):
        return ""
    least, most = annotation.ge, annotation.le
    if least is not None and most is not None and most < ENDLESS:
        return f" from {least} to {most}"
    words = {"at least": least, "over": annotation.gt, "under": annotation.lt}
    if most is not None and most < ENDLESS:
        words["at most"] = most
    return "".join(f", {word} {limit}" for word, limit in words.items() if limit is not None)
