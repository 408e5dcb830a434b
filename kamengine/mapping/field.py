"""What a mapping file says of one field: where it comes from and what happens on the way."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from kamengine.mapping.template import columns_of

Scalar: TypeAlias = str | int | float | bool
"""What a constant may be."""

Character = Annotated[str, msgspec.Meta(min_length=1, max_length=1)]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a mapping file. A key that it doesn't know is a complaint, not a remark."""


class Number(Part, frozen=True, kw_only=True):
    """How numbers are written.

    Attributes:
        thousands: What stands between groups of three digits; empty: nothing does.
        decimal: What stands before the fraction.
        remove: Characters that are dropped first, such as a currency sign.
    """

    thousands: Annotated[str, msgspec.Meta(max_length=1)] = ""
    decimal: Character = "."
    remove: str = ""


class Field(Part, frozen=True, kw_only=True):
    """Where a field of an event comes from, and what happens to the text on its way.

    It is taken from exactly one of ``column``, ``template``, ``constant`` and ``object``. The
    text of a column or a template then goes through these steps, each where it is asked for, in
    this order: strip, split, lower, map, and one of slug, date and number. An empty text gives
    the default, and without one the field is left out.

    Attributes:
        column: The cell of this column.
        template: Text with ``{column}`` in it. It is empty when one of its cells is.
        constant: The same for every row.
        object: One or more keys and values of a JSON object, for fields such as ``products``.
        strip: Drop the white space around each cell.
        lower: Lower case.
        slug: Lower case, with every run of other characters than letters and digits as ``-``.
        map: Texts and what they become. A text goes on to the next step, anything else is
            final, and null leaves the field empty.
        unmapped: What happens to a text that the map doesn't name: its row is rejected, it
            passes as it is, or it becomes the default.
        date: One or more forms of a date, as ``strptime`` writes them; the first that fits is
            taken. A form with a time of day gives an instant, one without gives a day.
        add_days: Days added to the date.
        drop_time: Take the day alone from a date that has a time of day.
        number: The text is a number, written plainly or as stated.
        split: What stands between the items of a list.
        default: What an empty text becomes, already in its final form.
    """

    column: str | None = None
    template: str | None = None
    constant: Scalar | None = None
    object: Entry | tuple[Entry, ...] | None = None
    strip: bool = True
    lower: bool = False
    slug: bool = False
    map: dict[str, Scalar | None] | None = None
    unmapped: Literal["reject", "pass", "default"] = "reject"
    date: str | Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] | None = None
    add_days: int = 0
    drop_time: bool = False
    number: bool | Number = False
    split: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    default: Scalar | None = None

    @property
    def forms(self) -> tuple[str, ...]:
        """The date forms as a tuple, however they were written."""
        return (self.date,) if isinstance(self.date, str) else self.date or ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of the object as a tuple, however they were written."""
        return (self.object,) if isinstance(self.object, Entry) else self.object or ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the field is made from."""
        if self.column is not None:
            return (self.column,)
        if self.template is not None:
            return columns_of(self.template)
        parts = [part for entry in self.entries for part in (entry.key, entry.value)]
        return tuple(column for part in parts for column in field_of(part).columns)

    @property
    def origin(self) -> str:
        """Where the field comes from, as a complaint names it."""
        names = self.columns
        return f"column{'s' * (len(names) > 1)} {', '.join(names)}" if names else "a constant"


FieldLike: TypeAlias = Field | str | int | float | bool
"""A field, or its short form: text is a template, anything else a constant."""


class Entry(Part, frozen=True, kw_only=True):
    """One key and value of a JSON object; left out when either is empty."""

    key: FieldLike
    value: FieldLike


def field_of(declared: FieldLike) -> Field:
    """Return the long form of a field."""
    if isinstance(declared, Field):
        return declared
    return Field(template=declared) if isinstance(declared, str) else Field(constant=declared)
