"""What a field of a payload may hold, as it is written in JSON; needs the extra ``testing``."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from kamengine.testing.invention import FEW, FIRST, LAST, NUMBERS, bounds, thing

LARGE = 10**15
TEXT = st.characters(codec="utf-8", exclude_characters="\x00")
SCALARS: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
    inspect.NoneType: st.none(),
    inspect.BoolType: st.booleans(),
    inspect.FloatType: st.floats(-1e9, 1e9, allow_subnormal=False),
    inspect.DecimalType: st.one_of(
        st.sampled_from(NUMBERS),
        st.decimals(0, 1, places=2).map(str),
        st.decimals(-(10**9), 10**9, places=6).map(str),
    ),
    inspect.DateType: st.dates(FIRST, LAST).map(dt.date.isoformat),
    inspect.DateTimeType: st.dates(FIRST, LAST).map(lambda day: f"{day}T12:00:00Z"),
}
"""Types of which nothing more has to be known."""


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds a field.

    Attributes:
        owner: The event's account, else its manager.
        coherent: Whether ids come from a few.
        accounts: How many accounts there are.
    """

    owner: str
    coherent: bool
    accounts: int


def field_value(name: str, kind: inspect.Type, around: Around) -> st.SearchStrategy[Any]:
    """Return a strategy for what a field holds.

    Args:
        name: The field's key in the payload: ``contract_id`` and ``contact_ids`` are ids.
        kind: Its type, as msgspec describes it.
        around: The event that it is a part of.

    Raises:
        KeyError: No fact column can hold the type.
    """
    match kind:
        case inspect.UnionType():
            return st.one_of([field_value(name, one, around) for one in kind.types])
        case inspect.StrType():
            return _text(name, kind, around)
        case inspect.ListType() | inspect.VarTupleType():
            item = field_value(name, kind.item_type, around)
            return st.lists(item, min_size=kind.min_length or 0, max_size=FEW)
        case inspect.DictType():
            key = st.integers(1, FEW).map(lambda n: f"{name} {n}")
            return st.dictionaries(key, field_value(name, kind.value_type, around), max_size=FEW)
        case _:
            return _scalar(kind)


def _scalar(kind: inspect.Type) -> st.SearchStrategy[Any]:
    if isinstance(kind, inspect.LiteralType):
        return st.sampled_from(kind.values)
    if isinstance(kind, inspect.IntType):
        return st.integers(*bounds(kind, -LARGE, LARGE))
    return SCALARS[type(kind)]


def _text(name: str, kind: inspect.StrType, around: Around) -> st.SearchStrategy[str]:
    least, most = kind.min_length or 0, kind.max_length or 255
    if kind.pattern:
        drawn = st.from_regex(kind.pattern)
        return drawn.filter(lambda text: least <= len(text) <= most and text == text.strip())
    if not around.coherent:
        return st.text(TEXT, min_size=least, max_size=min(most, max(least, 12)))
    # `thing` asks for one number, whatever it names
    counts = (around.accounts, FEW)
    number = st.integers(1, max(counts))
    return number.map(lambda n: thing(name, around.owner, counts, lambda _, most: min(n, most)))
