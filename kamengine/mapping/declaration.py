"""What a mapping file says: which files it reads, and which events each of their rows becomes."""

from __future__ import annotations

from typing import Annotated

import msgspec

from kamengine.mapping.field import Character, Field, FieldLike, Part, field_of

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]

ENVELOPE = ("id", "account_id", "manager_id", "occurred_at", "recorded_at")
"""The fields of an event, beside its payload, that a row may fill."""


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
    data: dict[str, FieldLike] = msgspec.field(default_factory=dict)

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
        reader: The importer that reads the files, where they aren't CSV.
        skip: Rows that become nothing; the first that fits gives the reason.
    """

    files: str | tuple[str, ...]
    events: Annotated[tuple[EventRule, ...], msgspec.Meta(min_length=1)]
    format: Format = Format()
    reader: str | None = None
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
