"""A door for each version of each event type: what a payload must be to come into the log.

A payload's own struct says what plugin authors think of. Some values pass it and yet can't be held
exactly by a fact column: an integer of 30 digits, a local time without an offset, a decimal with
a seventh digit. Such values would be lost or rounded when facts are decoded, far from
whoever could put them right, so the door refuses them.
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Annotated, Any, cast

import msgspec

from kamengine.event import MONEY_DIGITS, EventData, EventType, keys_of

INT64 = 2**63
DECIMAL_DIGITS = 38

SMALLEST = Decimal(1).scaleb(-MONEY_DIGITS)
_EXACT = Context(prec=DECIMAL_DIGITS, traps=[InvalidOperation])


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """What events of one version of one type must be.

    Attributes:
        event_type: The type.
        version: The version of its payload.
        decode: Decodes a payload, or raises what msgspec or the payload's own checks raise.
        account_fault: The truth of "it has no account_id" that is at fault; None where either
            is fine.
        manager_fault: Likewise.
        required: How many fields the payload must have.
        decimals: The payload's fields that hold decimals, each with its key in the JSON.
        instants: The payload's fields that hold times, likewise.
        delicate: Whether it has any of the two.
        mark: Where one time is all there is of them, its key as it stands in the JSON: a payload
            without that text holds nothing delicate.
    """

    event_type: EventType
    version: int
    decode: Callable[[bytes | msgspec.Raw], EventData]
    account_fault: bool | None
    manager_fault: bool | None
    required: int
    decimals: dict[str, str]
    instants: dict[str, str]
    delicate: bool
    mark: str | None = None


def open_doors(event_types: Mapping[str, EventType]) -> dict[tuple[str, int], Door]:
    """Return the door of each version of each type, by name and version."""
    return {
        (name, version): _door(event_type, version)
        for name, event_type in event_types.items()
        for version in range(1, event_type.version + 1)
    }


def is_exact(value: Decimal) -> bool:
    """Tell whether a fact column holds a decimal to its last digit."""
    try:
        return value.quantize(SMALLEST, context=_EXACT) == value
    except InvalidOperation:
        return False


def _door(event_type: EventType, version: int) -> Door:
    data = event_type.data_of(version)
    if data is None:  # the registry refuses such a type
        raise LookupError(f"{event_type.name} has no version {version}")
    hints = typing.get_type_hints(data, include_extras=True)
    keys = keys_of(data)
    decimals = {name: keys[name] for name, hint in hints.items() if _mentions(hint, Decimal)}
    instants = {name: keys[name] for name, hint in hints.items() if _mentions(hint, dt.datetime)}
    return Door(
        event_type=event_type,
        version=version,
        decode=msgspec.json.Decoder(_tightened(data, hints)).decode,
        account_fault=_fault(event_type.account),
        manager_fault=_fault(event_type.manager),
        required=sum(field.required for field in msgspec.structs.fields(data)),
        decimals=decimals,
        instants=instants,
        delicate=bool(decimals or instants),
        mark=f'"{next(iter(instants.values()))}"' if len(instants) == 1 and not decimals else None,
    )


def _fault(presence: str) -> bool | None:
    return {"required": True, "none": False}.get(presence)


def _tightened(data: type[EventData], hints: Mapping[str, Any]) -> type[EventData]:
    """Derive a struct whose integers fit 64 bits and whose times have an offset."""
    changed = {name: tight for name, hint in hints.items() if (tight := _tight(hint)) != hint}
    fields = [
        (
            field.name,
            changed[field.name],
            _like(field),
        )
        for field in msgspec.structs.fields(data)
        if field.name in changed
    ]
    derived = msgspec.defstruct(data.__name__, fields, bases=(data,), kw_only=True)
    return cast("type[EventData]", derived)


def _like(field: msgspec.structs.FieldInfo) -> Any:
    """Return the settings of a field, for a struct that has it again."""
    if field.default is not msgspec.NODEFAULT:
        return msgspec.field(name=field.encode_name, default=field.default)
    if field.default_factory is not msgspec.NODEFAULT:
        return msgspec.field(name=field.encode_name, default_factory=field.default_factory)
    return msgspec.field(name=field.encode_name)


def _tight(hint: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is int:
        return Annotated[int, msgspec.Meta(ge=-INT64, le=INT64 - 1)]
    if hint is dt.datetime:
        return Annotated[dt.datetime, msgspec.Meta(tz=True)]
    if origin is Annotated:
        return _bounded(arguments[1:]) if arguments[0] is int else hint
    if origin in (typing.Union, types.UnionType):
        return typing.Union[tuple(_tight(a) for a in arguments)]  # noqa: UP007 - built at run time
    if origin in (tuple, list, dict):
        return origin[tuple(a if a is ... else _tight(a) for a in arguments)]
    return hint


def _bounded(annotations: tuple[Any, ...]) -> Any:
    """Add the bounds of 64 bits to an integer that has bounds of its own on one side or none."""
    metas = [a for a in annotations if isinstance(a, msgspec.Meta)]
    below = any(m.ge is not None or m.gt is not None for m in metas)
    above = any(m.le is not None or m.lt is not None for m in metas)
    bounds = [] if below else [msgspec.Meta(ge=-INT64)]
    bounds += [] if above else [msgspec.Meta(le=INT64 - 1)]
    return Annotated[(int, *annotations, *bounds)]


def _mentions(hint: Any, wanted: type) -> bool:
    return hint is wanted or any(_mentions(a, wanted) for a in typing.get_args(hint))
