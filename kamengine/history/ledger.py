"""What the log says was in force: definitions and config, as of any position."""

from __future__ import annotations

import datetime as dt
from itertools import groupby

import msgspec

from kamengine.errors import UnknownNameError
from kamengine.history.declared import Content, Key
from kamengine.log.contract import EventLog
from kamengine.suggestions import suggest
from kamengine.vocabulary import (
    CONFIG_APPLIED,
    DEFINITION_APPLIED,
    ConfigApplied,
    DefinitionApplied,
)

SHAPES: dict[str, type[DefinitionApplied | ConfigApplied]] = {
    DEFINITION_APPLIED.name: DefinitionApplied,
    CONFIG_APPLIED.name: ConfigApplied,
}


NEEDED = 2
"""Runs of ``apply`` before one of them can be undone."""


class Applying(msgspec.Struct, frozen=True, kw_only=True):
    """One run of ``apply``; its records stand side by side, since it is one transaction.

    Attributes:
        id: Its name.
        position: Of its last record.
        recorded_at: Microseconds since 1970, UTC.
        by: Who applied.
        why: What for.
        effective_from: Earlier periods keep what held for them before; None for all periods.
        definitions: What it put into force and out of it.
        files: The config's files, where it recorded a config.
    """

    id: str
    position: int
    recorded_at: int
    by: str
    why: str
    effective_from: dt.date | None
    definitions: tuple[DefinitionApplied, ...]
    files: dict[str, str] | None


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides the values of some periods.

    Attributes:
        apply: The run of ``apply`` that made it so.
        position: Of that run's last record.
        since: The first day of the periods that it holds for; None for all.
        contents: Every definition, whole.
        labels: KPI to the label that its values carry.
        files: The config's files.
    """

    apply: str
    position: int
    since: dt.date | None
    contents: dict[Key, Content]
    labels: dict[str, str]
    files: dict[str, str]


def appliances(log: EventLog, upto: int | None = None) -> list[Applying]:
    """Return every run of ``apply``, oldest first.

    Args:
        log: The log.
        upto: The last position that counts; None for all.
    """
    records = [
        (event, msgspec.json.decode(event.data, type=SHAPES[event.type]))
        for event in log.records(SHAPES, upto)
    ]
    found = []
    for apply, group in groupby(records, key=lambda record: record[1].apply):
        run = list(group)
        told = run[0][1]
        configs = [data for _, data in run if isinstance(data, ConfigApplied)]
        found.append(
            Applying(
                id=apply,
                position=run[-1][0].position,
                recorded_at=run[-1][0].recorded_at,
                by=told.by,
                why=told.why,
                effective_from=told.effective_from,
                definitions=tuple(d for _, d in run if isinstance(d, DefinitionApplied)),
                files=configs[-1].files if configs else None,
            )
        )
    return found


def eras(log: EventLog, upto: int | None = None) -> list[InForce]:
    """Return what was in force at a position, oldest periods first.

    The last one is what holds now; earlier ones hold for earlier periods, where a run of
    ``apply`` was to take effect from a day on. Empty where nothing had been applied yet.

    Args:
        log: The log.
        upto: The last position that counts; None for all.
    """
    found: list[InForce] = []
    for applying in appliances(log, upto):
        before = found[-1] if found else None
        since = applying.effective_from
        kept = [era for era in found if since and (era.since is None or era.since < since)]
        found = [*kept, _after(before, applying)]
    return found


def first(log: EventLog) -> InForce | None:
    """Return what was applied first: it stands in for what held before anything was applied."""
    runs = appliances(log)
    return eras(log, runs[0].position)[-1] if runs else None


def labelled(log: EventLog, label: str) -> InForce:
    """Return what was in force when a KPI's values came to carry a label.

    Args:
        log: The log.
        label: As values carry it: ``nps@1#5f0c12ab``.

    Raises:
        UnknownNameError: No definition with that label was applied.
    """
    known = []
    for run in appliances(log):
        labels = [applied.label for applied in run.definitions if applied.label]
        if label in labels:
            return eras(log, run.position)[-1]
        known += labels
    raise UnknownNameError(
        "No definition with this label was applied",
        value=label,
        hint=suggest(label, known) or "`kamengine definitions list --kpi ID` shows them",
    )


def before(log: EventLog, apply: str | None = None) -> InForce:
    """Return what was in force before the last run of ``apply``, or after an earlier one.

    Args:
        log: The log.
        apply: The run to return to; None for the one before the last.

    Raises:
        UnknownNameError: There is no such run.
    """
    runs = appliances(log)
    if apply is None and len(runs) < NEEDED:
        raise UnknownNameError(
            "There is nothing to return to: definitions were applied once or never",
            hint="`kamengine definitions list` shows what was applied",
        )
    wanted = runs[-2].id if apply is None else apply
    chosen = next((run for run in runs if run.id == wanted), None)
    if chosen is None:
        raise UnknownNameError(
            "There was no such apply",
            value=wanted,
            hint=suggest(wanted, [run.id for run in runs])
            or "`kamengine definitions list` shows what was applied",
        )
    return eras(log, chosen.position)[-1]


def _after(before: InForce | None, applying: Applying) -> InForce:
    contents = dict(before.contents) if before else {}
    labels = dict(before.labels) if before else {}
    for applied in applying.definitions:
        key: Key = (applied.sort, applied.name)
        contents.pop(key, None)
        if applied.sort == "kpi":
            labels.pop(applied.name, None)
        if applied.content is not None:
            contents[key] = msgspec.json.decode(applied.content)
        if applied.label is not None:
            labels[applied.name] = applied.label
    files = before.files if before and applying.files is None else applying.files
    return InForce(
        apply=applying.id,
        position=applying.position,
        since=applying.effective_from,
        contents=contents,
        labels=labels,
        files=files or {},
    )
