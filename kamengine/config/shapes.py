"""Types as settings may have them: looked into, put into words, and filled from text."""

from __future__ import annotations

import datetime as dt
import re
import types
import typing
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")


@lru_cache(maxsize=256)
def fields_of(struct: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    """Return a struct's fields by the keys that stand for them in YAML."""
    return {field.encode_name: field for field in msgspec.structs.fields(struct)}


@lru_cache(maxsize=256)
def unwrap(declared: Any) -> tuple[Any, dict[str, Any]]:
    """Return a declared type without its annotation and its ``| None``, and what they said."""
    origin, arguments = typing.get_origin(declared), typing.get_args(declared)
    if origin is Annotated:
        base, inner = unwrap(arguments[0])
        extras = [m.extra or {} for m in arguments[1:] if isinstance(m, msgspec.Meta)]
        return base, {k: v for extra in (inner, *extras) for k, v in extra.items()}
    if origin in (typing.Union, types.UnionType):
        inner_types = [a for a in arguments if a is not type(None)]
        if len(inner_types) == 1:
            return unwrap(inner_types[0])
    return declared, {}


def is_struct(declared: Any) -> bool:
    """Tell whether a declared type is a mapping with known keys."""
    base, _ = unwrap(declared)
    return isinstance(base, type) and issubclass(base, msgspec.Struct)


def number(text: str, *, percent: bool = False) -> Decimal | None:
    """Return the number that is written, digit by digit; None where it is none.

    Args:
        text: As in the file; ``92%`` means 0.92 where ``percent`` allows it.
        percent: Whether the number may carry a percent sign.
    """
    digits = text.removesuffix("%").rstrip() if percent else text
    if not _NUMBER.fullmatch(digits):
        return None
    value = Decimal(digits)
    return value if digits == text else value.scaleb(-2)


def expectation(declared: Any) -> str:
    """Say in words what a type takes."""
    base, extra = unwrap(declared)
    if typing.get_origin(base) is Literal:
        return f"one of {', '.join(typing.get_args(base))}"
    if typing.get_origin(base) is tuple:
        item = typing.get_args(base)[0]
        return expectation(item) if is_struct(item) else f"a list, each {expectation(item)}"
    if is_struct(base) and (shorthand := getattr(base, "shorthand", None)):
        return expectation(fields_of(base)[shorthand].type)
    if base is Decimal:
        return "a number or a percentage such as 92%" if "percent" in extra else "a number"
    return _WORDS.get(base, "a mapping") + _range(declared)


_WORDS: dict[Any, str] = {
    int: "a whole number",
    str: "a text",
    bool: "true or false",
    dt.date: "a date such as 2026-07-01",
}


def metas_of(declared: Any) -> list[msgspec.Meta]:
    """Return what annotates a type, also inside a ``| None``."""
    arguments = typing.get_args(declared)
    if typing.get_origin(declared) in (typing.Union, types.UnionType):
        return [meta for argument in arguments for meta in metas_of(argument)]
    return [argument for argument in arguments if isinstance(argument, msgspec.Meta)]


def _range(declared: Any) -> str:
    for meta in metas_of(declared):
        if meta.ge is not None and meta.le is not None:
            return f" from {meta.ge} to {meta.le}"
        if meta.ge is not None:
            return f" of {meta.ge} or more"
    return ""


def from_text(text: str, declared: Any) -> object | None:
    """Return what a word means as a declared type; None where it can't mean that."""
    base, extra = unwrap(declared)
    if base is Decimal:
        return number(text, percent="percent" in extra)
    try:
        return typing.cast("object", msgspec.convert(text, declared, strict=False))
    except msgspec.ValidationError:
        return None
