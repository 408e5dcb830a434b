"""Event types: their tables, versions, and the columns that payloads become."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
import pytest

from kamengine.errors import DefinitionError
from kamengine.event import EventData, EventType, Upcast, columns_of, defaults_of


def struct(hint: Any, **default: Any) -> type[EventData]:
    """Return a payload of one field."""
    field = ("field", hint, default["default"]) if default else ("field", hint)
    made = msgspec.defstruct("Payload", [field], bases=(EventData,), frozen=True, kw_only=True)
    assert issubclass(made, EventData)
    return made


@pytest.mark.parametrize(
    ("hint", "column"),
    [
        (str, "VARCHAR"),
        (bool, "BOOLEAN"),
        (int, "BIGINT"),
        (float, "DOUBLE"),
        (Decimal, "DECIMAL(38, 6)"),
        (dt.date, "DATE"),
        (dt.datetime, "TIMESTAMPTZ"),
        (Literal["a", "b"], "VARCHAR"),
        (str | None, "VARCHAR"),
        (Annotated[int, msgspec.Meta(ge=0)] | None, "BIGINT"),
        (Annotated[str | None, msgspec.Meta(description="x")], "VARCHAR"),
        (tuple[str, ...], "VARCHAR[]"),
        (tuple[Annotated[Decimal, msgspec.Meta(gt=0)], ...] | None, "DECIMAL(38, 6)[]"),
        (dict[str, Decimal], "MAP(VARCHAR, DECIMAL(38, 6))"),
        (dict[str, tuple[int, ...]], "MAP(VARCHAR, BIGINT[])"),
    ],
)
def test_each_type_of_field_has_its_column(hint: Any, column: str) -> None:
    """Constraints and None don't change the column."""
    assert columns_of(struct(hint)) == {"field": column}


@pytest.mark.parametrize(
    "hint", [object, int | str, dict[int, str], bytes, Literal[1, 2], set[str], Any]
)
def test_a_field_that_no_column_can_hold_is_refused(hint: Any) -> None:
    """The error names the payload and the field, and what there is to choose from."""
    with pytest.raises(DefinitionError, match=r"Payload\.field: No fact column .*use str, bool"):
        columns_of(struct(hint))


@pytest.mark.parametrize(
    ("hint", "default", "known"),
    [
        (str | None, None, {}),
        (tuple[str, ...], (), {}),
        (bool, False, {"field": False}),
        (int, 0, {"field": 0}),
        (Decimal, Decimal(0), {"field": Decimal(0)}),
        (tuple[str, ...], ("a",), {"field": ("a",)}),
        (dict[str, int], {}, {"field": {}}),
    ],
)
def test_defaults_are_those_that_say_something(hint: Any, default: Any, known: Any) -> None:
    """None is what a column holds anyway, and so is an empty list."""
    assert defaults_of(struct(hint, default=default)) == known


def test_a_required_field_has_no_default() -> None:
    """Nothing stands in for what must be there."""
    assert defaults_of(struct(int)) == {}


def test_a_type_knows_the_payload_of_each_version() -> None:
    """The current one, those with an upcast, and no other."""
    old, new = struct(int), struct(str)
    event_type = EventType(
        name="deal.closed", data=new, doc="x", version=2, upcasts=(Upcast(version=1, data=old),)
    )
    assert event_type.table == "deal_closed"
    assert [event_type.data_of(v) for v in (0, 1, 2, 3)] == [None, old, new, None]
