"""What a mapping file says: which files it reads, and which events each of their rows becomes."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from kamengine.mapping.template import columns_of

Scalar: TypeAlias = str | int | float | bool
"""What a constant may be."""

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]
Character = Annotated[str, msgspec.Meta(min_length=1, max_length=1)]


ENVELOPE = ("id", "account_id", "manager_id", "occurred_at", "recorded_at")
"""The fields of an event, beside its payload, that a row may fill."""


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a mapping file. A key that it doesn't know is a complaint, not a remark."""


class Format(Part, frozen=True, kw_only=True):
    """How the text of a file falls into cells.

    Attributes:
        delimiter: What stands between two cells.
        encoding: As Python names it. A byte order mark is dropped.
        quote: What stands around a cell that holds a delimiter; doubled, it means itself.
            None: quotes are text like any other.
        columns: The names of the columns, for a file whose first line isn't a header.
    """

    delimiter: Character = ","
    encoding: str = "utf-8"
    quote: Character | None = '"'
    columns: tuple[str, ...] = ()


class Condition(Part, frozen=True, kw_only=True):
    """A test of one cell, without the white space around it. Exactly one kind of test is stated.

    Attributes:
        column: The cell's column.
        equals: The cell is this text.
        one_of: The cell is one of these texts (``in`` in YAML).
        not_in: The cell is none of these texts.
        empty: Whether the cell is empty.
    """

    column: str
    equals: str | None = None
    one_of: tuple[str, ...] | None = msgspec.field(name="in", default=None)
    not_in: tuple[str, ...] | None = None
    empty: bool | None = None

    def holds(self, cells: dict[str, str]) -> bool:
        """Say whether a row passes the test."""
        cell = cells[self.column].strip()
        if self.empty is not None:
            return (not cell) == self.empty
        if self.not_in is not None:
            return cell not in self.not_in
        return cell in (self.one_of if self.one_of is not None else (self.equals,))


class Skip(Condition, frozen=True, kw_only=True):
    """Rows that aren't meant to become events.

    Attributes:
        reason: Why not; the summary of an import counts skipped rows by it.
    """

    reason: str


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
    date: str | tuple[str, ...] = ()
    add_days: int = 0
    drop_time: bool = False
    number: bool | Number = False
    split: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    default: Scalar | None = None

    @property
    def forms(self) -> tuple[str, ...]:
        """The date forms as a tuple, however they were written."""
        return (self.date,) if isinstance(self.date, str) else self.date

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


class EventRule(Part, frozen=True, kw_only=True):
    """One event that a row becomes.

    Attributes:
        type: The event type.
        id: What makes the event's id, within the mapping's name. The same row must always give
            the same id, for importing twice to append nothing.
        occurred_at: When it happened.
        when: Conditions that must all hold; without any, every row becomes this event.
        account_id: The envelope's account.
        manager_id: The envelope's manager.
        recorded_at: When the source learnt of it; left out, the log's own clock.
        version: The version of the event type that ``data`` is written for.
        data: The payload, field by field.
    """

    type: str
    id: FieldLike
    occurred_at: FieldLike
    when: Condition | tuple[Condition, ...] = ()
    account_id: FieldLike | None = None
    manager_id: FieldLike | None = None
    recorded_at: FieldLike | None = None
    version: int = 1
    data: dict[str, FieldLike] = {}

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions as a tuple, however they were written."""
        return (self.when,) if isinstance(self.when, Condition) else self.when


class Source(Part, frozen=True, kw_only=True):
    """One kind of file.

    Attributes:
        files: One or more patterns of the file's name, such as ``deals-*.csv``.
        events: The events that each row becomes, in their order.
        format: How the text falls into cells.
        skip: Rows that become nothing; the first that fits gives the reason.
    """

    files: str | tuple[str, ...]
    events: Annotated[tuple[EventRule, ...], msgspec.Meta(min_length=1)]
    format: Format = Format()
    skip: tuple[Skip, ...] = ()

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns as a tuple, however they were written."""
        return (self.files,) if isinstance(self.files, str) else self.files


class Mapping(Part, frozen=True, kw_only=True):
    """A mapping file.

    Attributes:
        name: The namespace of the ids that it makes. It is for keeps: under another name, the
            same rows are other events.
        sources: One for each kind of file.
        source: What the events name as their source; the mapping's name by default.
        time_zone: The zone of times of day that state none; the organisation's by default.
            A day without a time is always the organisation's.
    """

    name: Name
    sources: Annotated[tuple[Source, ...], msgspec.Meta(min_length=1)]
    source: str | None = None
    time_zone: str | None = None


def field_of(declared: FieldLike) -> Field:
    """Return the long form of a field."""
    if isinstance(declared, Field):
        return declared
    return Field(template=declared) if isinstance(declared, str) else Field(constant=declared)


def targets_of(rule: EventRule) -> dict[str, Field]:
    """Map each field of an event, such as ``id`` or ``data.amount``, to what is declared for it."""
    envelope = {name: getattr(rule, name) for name in ENVELOPE}
    payload = {f"data.{name}": declared for name, declared in rule.data.items()}
    return {
        name: field_of(declared)
        for name, declared in (envelope | payload).items()
        if declared is not None
    }


def columns_asked(source: Source) -> dict[str, str]:
    """Map each column that a source asks for to the first place that asks for it."""
    asked: dict[str, str] = {}
    for skip in source.skip:
        asked.setdefault(skip.column, "skip")
    for rule in source.events:
        for condition in rule.conditions:
            asked.setdefault(condition.column, f"when of {rule.type}")
        for name, field in targets_of(rule).items():
            for column in field.columns:
                asked.setdefault(column, f"{name} of {rule.type}")
    return asked
