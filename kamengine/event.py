"""What an event type is: a stable name, a typed payload, and how old payloads become new ones."""

from __future__ import annotations

import datetime as dt
import types
import typing
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal

import msgspec

from kamengine.errors import DefinitionError

Presence = Literal["required", "optional", "none"]
"""Whether events of a type carry an envelope key."""

MONEY_DIGITS = 6
"""Digits after the point that every exact quantity keeps, in facts and in evidence."""

COLUMN_TYPES: dict[object, str] = {
    str: "VARCHAR",
    bool: "BOOLEAN",
    int: "BIGINT",
    float: "DOUBLE",
    Decimal: f"DECIMAL(38, {MONEY_DIGITS})",
    dt.date: "DATE",
    dt.datetime: "TIMESTAMPTZ",
}


ENVELOPE = {
    "event_id": "BIGINT",
    "id": "VARCHAR",
    "account_id": "VARCHAR",
    "manager_id": "VARCHAR",
    "occurred_at": "TIMESTAMP",
    "recorded_at": "TIMESTAMP",
    "source": "VARCHAR",
}
"""The columns that every fact table has before those of the payload, and their SQL types."""


class EventData(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The payload of an event type: one annotated field per fact.

    Fields may be ``str``, ``bool``, ``int``, ``float``, ``Decimal``, ``date``, ``datetime``,
    a ``Literal`` of strings, a ``tuple`` of any of these, a ``dict`` from ``str`` to any of
    these, each optionally ``| None``. Unknown fields are kept in the log and ignored here.
    """


class Upcast(msgspec.Struct, frozen=True, kw_only=True):
    """How the payload of one version becomes that of the next.

    Attributes:
        version: The version that this one starts from; it leads to ``version + 1``.
        data: The payload of the old version, against which old events are still validated.
        columns: SQL over the old columns for each column of the next version that isn't
            carried over by name.
    """

    version: int
    data: type[EventData]
    columns: dict[str, str] = {}


class EventType(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of event: what the log accepts under a name, and the fact table it fills.

    Attributes:
        name: ``noun.verb_in_the_past``. It is for keeps and never a Python path. Plugin SQL
            reads the type's facts as a table of that name with the dot as an underscore.
        data: The payload of the current version.
        doc: The meaning, in one sentence.
        family: The heading that the type is listed under.
        account: Whether events carry an ``account_id``.
        manager: Whether events carry a ``manager_id``.
        version: The current version. Events that state none are of version 1.
        upcasts: One for each earlier version, oldest first.
        merges_into: The payload field that names the account which this event's account
            becomes part of, for the one kind of event that merges accounts.
        follows_merge: Whether events of an account that became part of another count for that
            one. What is said of the account's own record (its opening, segment, owner) doesn't.
    """

    name: str
    data: type[EventData]
    doc: str
    family: str = "other"
    account: Presence = "required"
    manager: Presence = "optional"
    version: int = 1
    upcasts: tuple[Upcast, ...] = ()
    merges_into: str | None = None
    follows_merge: bool = True

    @property
    def table(self) -> str:
        """The name under which SQL reads this type's facts."""
        return self.name.replace(".", "_")

    def data_of(self, version: int) -> type[EventData] | None:
        """Return the payload struct of a version, or None where there is no such version."""
        if version == self.version:
            return self.data
        return next((u.data for u in self.upcasts if u.version == version), None)


@cache
def columns_of(data: type[EventData]) -> dict[str, str]:
    """Map each payload field to the SQL type of the fact column of that name.

    A field whose key in the payload is that of an envelope column (``source``) has another name
    here and the key beside it: ``lead_source: str = msgspec.field(name="source")``.

    Raises:
        DefinitionError: A field has a type that no column can hold.
    """
    hints = typing.get_type_hints(data, include_extras=False)
    return {
        field.name: _column_type(hints[field.name], f"{data.__name__}.{field.name}")
        for field in msgspec.structs.fields(data)
    }


@cache
def keys_of(data: type[EventData]) -> dict[str, str]:
    """Map each fact column to the key that it has in the payload."""
    return {field.name: field.encode_name for field in msgspec.structs.fields(data)}


@cache
def defaults_of(data: type[EventData]) -> dict[str, object]:
    """Map each payload field that has a default other than None to that default."""
    fields = msgspec.structs.fields(data)
    made = {f.name: f.default_factory for f in fields}
    return {f.name: f.default for f in fields if f.default not in (msgspec.NODEFAULT, None, ())} | {
        c: make() for c, make in made.items() if make is not msgspec.NODEFAULT
    }


def _column_type(hint: Any, where: str) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _column_type(arguments[0], where)
    if origin in (typing.Union, types.UnionType):
        inner = [a for a in arguments if a is not type(None)]
        if len(inner) == 1:
            return _column_type(inner[0], where)
    elif origin is Literal and all(isinstance(a, str) for a in arguments):
        return "VARCHAR"
    elif origin in (tuple, list):
        return f"{_column_type(arguments[0], where)}[]"
    elif origin is dict and arguments[0] is str:
        return f"MAP(VARCHAR, {_column_type(arguments[1], where)})"
    elif hint in COLUMN_TYPES:
        return COLUMN_TYPES[hint]
    raise DefinitionError(
        "No fact column can hold this field's type",
        value=str(hint),
        where=where,
        hint="use str, bool, int, float, Decimal, date, datetime, a tuple or a dict of them",
    )
