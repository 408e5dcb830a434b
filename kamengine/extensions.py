"""What a pack may add around the numbers: rules, readers, notices, forms of output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TextIO

import msgspec

from kamengine.kpi import KPI


class Linted(msgspec.Struct, frozen=True, kw_only=True):
    """What a lint rule looks at: all that an organisation settled, and all that is defined.

    Attributes:
        settings: The workspace's YAML as plain values, defaults filled in, under
            ``organisation``, ``kpis``, ``scorecards``, ``overrides``, ``accounts`` and
            ``managers``. Numbers are `Decimal`. What may hold for a time, as weights and targets
            do, is a list.
        kpis: Every KPI that a loaded pack registers, by id.
    """

    settings: Mapping[str, Mapping[str, object]]
    kpis: Mapping[str, KPI]


class LintFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a lint rule has to say about one place of the settings.

    Attributes:
        path: The keys that lead there in `Linted.settings`: ``("scorecards", "gold", "kpis")``.
        what: What is wrong, as a clause without a full stop.
        hint: What to do about it.
        severity: An error makes `config check` fail. Neither keeps the settings from being used.
    """

    path: tuple[str, ...]
    what: str
    hint: str | None = None
    severity: Literal["error", "warning"] = "warning"


class LintRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that an organisation's settings are held to by `config check`.

    Attributes:
        name: How its findings are signed.
        doc: What it asks for, in one sentence.
        check: Given all settings, yields what is wrong with them.
    """

    name: str
    doc: str
    check: Callable[[Linted], Iterable[LintFinding]]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A file as an importer reads it.

    Attributes:
        columns: The columns' names, each of them once.
        rows: The line (or the number) of each row in the file, and its cells as text, in the
            order of the columns. An empty cell is an empty text.
    """

    columns: Sequence[str]
    rows: Iterable[tuple[int, Sequence[str]]]


class Importer(msgspec.Struct, frozen=True, kw_only=True):
    """A reader of files in another form than CSV, for `events import`.

    Attributes:
        name: How a mapping asks for it: ``reader: json-lines`` in one of its ``sources``.
        doc: Which files it reads, in one sentence.
        read: Opens a file. Whatever it raises, then or while rows are read, is told as the
            file's failure.
    """

    name: str
    doc: str
    read: Callable[[Path], Table]


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay did, as notifiers are told.

    Attributes:
        workspace: The workspace's folder.
        position: The last event that the values know of.
        events: How many events were new.
        recomputed: Ids of the KPIs whose values were computed anew, at least in part.
        parked: KPI or projection to the reason why it has no values.
        newly_parked: The KPIs among them that weren't parked before.
        recovered: KPIs that were parked before and have values again.
    """

    workspace: Path
    position: int
    events: int
    recomputed: tuple[str, ...]
    parked: Mapping[str, str]
    newly_parked: tuple[str, ...]
    recovered: tuple[str, ...]


class Notifier(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is told after each replay, when its result is there to be read.

    What it raises is reported and changes nothing. It is waited for as long as it takes, up to
    ten seconds.

    Attributes:
        name: How its failures are signed.
        doc: Whom it tells, in one sentence.
        notify: Is given what the replay did.
    """

    name: str
    doc: str
    notify: Callable[[Notice], None]


class OutputFormat(msgspec.Struct, frozen=True, kw_only=True):
    """A form for data on stdout, beside tables, JSON and CSV.

    Attributes:
        name: How it is asked for: ``--format markdown``.
        doc: What it looks like, in one sentence.
        write: Given rows (column to value), the columns in their order and a text stream, writes
            them. A value may be None, a text, a number (`Decimal` keeps all its digits), a time,
            a list or a dict; a row may have more than the columns.
    """

    name: str
    doc: str
    write: Callable[[Iterable[Mapping[str, object]], Sequence[str], TextIO], None]
