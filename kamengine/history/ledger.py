"""What the log says was in force: definitions and config, as of any position."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
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
        restores: The run after which all was as it is again after this one.
        definitions: What it put into force and out of it.
        files: The config's files, where it recorded a config.
    """

    id: str
    position: int
    recorded_at: int
    by: str
    why: str
    effective_from: dt.date | None
    restores: str | None
    definitions: tuple[DefinitionApplied, ...]
    files: dict[str, str] | None


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides the values of some periods.

    Attributes:
        apply: The run of ``apply`` that made it so.
        position: Of that run's last record.
        since: The first day of the periods that it holds for; None for all.
        contents: Every definition, whole.
        files: The config's files.
    """

    apply: str
    position: int
    since: dt.date | None
    contents: dict[Key, Content]
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
                restores=told.restores,
                definitions=tuple(d for _, d in run if isinstance(d, DefinitionApplied)),
                files=configs[-1].files if configs else None,
            )
        )
    return found


def begun(log: EventLog) -> bool:
    """Tell whether anything was ever put into force."""
    return any(True for _ in log.records(SHAPES))


def eras(log: EventLog, upto: int | None = None) -> list[InForce]:
    """Return what was in force at a position, oldest periods first.

    The last one is what holds now; earlier ones hold for periods that begin before the next
    one's ``since``, where a run of ``apply`` was to take effect from a day on. Empty where
    nothing had been applied yet.

    Args:
        log: The log.
        upto: The last position that counts; None for all.
    """
    return _after_each(appliances(log, upto))[-1][1]


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


def before(log: EventLog, apply: str | None = None) -> tuple[str, list[InForce]]:
    """Return what was in force before the last run of ``apply``, or after an earlier one.

    Returns:
        The name of the run after which it was so, and its eras.

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
    return wanted, eras(log, chosen.position)


def advanced(found: Sequence[InForce], applying: Applying) -> list[InForce]:
    """Return the eras after a run of ``apply``.

    What it changes holds from its day on, in every later era as well; what it doesn't change
    stays in each era what it was there. A change of the config is one of whole files.

    Args:
        found: The eras before it.
        applying: The run.
    """
    day = applying.effective_from
    newest = found[-1] if found else None
    if newest is None or day is None:
        everywhere: Sequence[InForce | None] = found or [None]
        return [_after(era, newest, applying) for era in everywhere]
    kept = [era for era in found if _begins(era) < day]
    later = [era for era in found if _begins(era) > day]
    holding = [era for era in found if _begins(era) <= day][-1]
    begun = msgspec.structs.replace(_after(holding, newest, applying), since=day)
    return [*kept, begun, *(_after(era, newest, applying) for era in later)]


def _begins(era: InForce) -> dt.date:
    return era.since or dt.date.min


def _after_each(runs: Sequence[Applying]) -> list[tuple[str, list[InForce]]]:
    """Return the eras after each run, by its name; the first has none and no name."""
    found: list[tuple[str, list[InForce]]] = [("", [])]
    for run in runs:
        after = dict(found).get(run.restores) if run.restores else None
        found.append((run.id, advanced(found[-1][1], run) if after is None else after))
    return found


def _after(before: InForce | None, newest: InForce | None, applying: Applying) -> InForce:
    contents = dict(before.contents) if before else {}
    for applied in applying.definitions:
        key: Key = (applied.sort, applied.name)
        content = msgspec.json.decode(applied.content) if applied.content else None
        if newest is not None and content == newest.contents.get(key):
            continue  # a parameter changed, or what it rests on; an earlier era has its own
        contents.pop(key, None)
        if content is not None:
            contents[key] = content
    return InForce(
        apply=applying.id,
        position=applying.position,
        since=before.since if before else None,
        contents=contents,
        files=_files_after(before, newest, applying),
    )


def _files_after(
    before: InForce | None, newest: InForce | None, applying: Applying
) -> dict[str, str]:
    """Return an era's config files: those that the run changed are as it says."""
    own = before.files if before else {}
    if applying.files is None or newest is None:
        return own if applying.files is None else applying.files
    old, new = newest.files, applying.files
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    kept = {name: text for name, text in own.items() if name not in changed}
    return kept | {name: text for name, text in new.items() if name in changed}
