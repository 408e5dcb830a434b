"""Putting definitions and config into force: as events, all of them or none."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from kamengine.errors import ConfigError, ReplayError
from kamengine.history.approval import Approval, new_record
from kamengine.history.changes import Change, Changes, changes
from kamengine.history.definitions import Definitions, applied
from kamengine.history.ledger import Applying, InForce, advanced, appliances, begun
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry
from kamengine.replay.book import EPOCH, Book
from kamengine.replay.steps import OnStep, Step, unheeded
from kamengine.vocabulary import (
    CONFIG_APPLIED,
    DEFINITION_APPLIED,
    ConfigApplied,
    DefinitionApplied,
)
from kamengine.workspace import Workspace


@contextlib.contextmanager
def applying(workspace: Workspace, by: str, on_step: OnStep = unheeded) -> Iterator[None]:
    """Hold the right to change what is in force.

    Raises:
        ReplayError: Somebody else holds it.
    """
    workspace.state_dir.mkdir(exist_ok=True)
    path = workspace.state_dir / "apply.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ReplayError(
                f"Another apply is under way{_holder(path)}",
                where=str(workspace.root),
                hint="wait for it, then run `kamengine plan` again: what is applied is another",
            ) from error
        lock.truncate(0)
        lock.write(f"{by}\n")
        lock.flush()
        on_step(Step.HELD)
        yield
        lock.truncate(0)


def unfinished(workspace: Workspace, log: SQLiteEventLog) -> Applying | None:
    """Return the last run of ``apply`` if values don't rest on it yet: its replay broke off.

    Before the first replay there is nothing that could rest on any.
    """
    head, runs = Book(workspace.values_path).head(), appliances(log)
    return runs[-1] if head and runs and runs[-1].position > head.position else None


def adopt(
    workspace: Workspace,
    log: SQLiteEventLog,
    present: Definitions,
    approval: Approval,
    on_step: OnStep = unheeded,
) -> int:
    """Put everything into force as it stands written, where nothing was applied yet.

    Returns:
        How many definitions that were; 0 where something was in force already.
    """
    if begun(log):
        return 0
    with applying(workspace, approval.by, on_step):
        if begun(log):
            return 0
        everything = changes(None, present)
        record(log, everything, present, approval, on_step)
    return len(everything.definitions)


def record(
    log: SQLiteEventLog,
    differences: Changes,
    after: Definitions,
    approval: Approval,
    on_step: OnStep = unheeded,
) -> int:
    """Append what is to be in force, in one transaction.

    Args:
        log: The log.
        differences: What is other than before.
        after: What is to be in force.
        approval: Who says so.
        on_step: Told of each step as it is done.

    Returns:
        The position of the last record.

    Raises:
        LogError: The log can't be written; nothing is in force that wasn't before.
    """
    apply = uuid.uuid4().hex[:12]
    events = []
    for change in differences.definitions:
        name = f"{apply}/{change.sort}/{change.name}"
        payload = _definition(apply, change, after, approval)
        events.append(new_record(DEFINITION_APPLIED, name, payload, approval.at))
    if differences.config or not events:
        config = _config(apply, after, approval)
        events.append(new_record(CONFIG_APPLIED, f"{apply}/config", config, approval.at))
    with log.transaction() as transaction:
        receipt = transaction.append(events)
        if receipt.refusals:
            raise receipt.refusals[0].error
        on_step(Step.RECORDING)
    on_step(Step.RECORDED)
    return receipt.head.position


def planned(
    present: Sequence[InForce],
    before: Definitions,
    after: Definitions,
    since: dt.date | None,
    installed: Registry,
) -> Definitions:
    """Return what would be in force in every period, earlier ones included.

    Args:
        present: What is in force, as the log says, oldest periods first.
        before: The same, as the engine runs it.
        after: What is to be in force.
        since: The first day of the periods that it is to hold for; None for all.
        installed: What the loaded packs register.

    Raises:
        ConfigError: Something can't be otherwise for some periods than for others.
    """
    if since is None and len(present) <= 1:
        return after
    differences = changes(before, after)
    if not differences.definitions and not differences.config:
        return Definitions(after.registry, after.files, before.since, before.earlier)
    if since is not None and before.settings.calendar != after.settings.calendar:
        raise ConfigError(
            "The calendar holds for all periods, so a change of it has no day to take effect from",
            value=since.isoformat(),
            where=str(after.files.folder),
            hint="apply the time zone and the fiscal year by themselves, without --effective-from",
        )
    states = advanced(present, _run(differences, after, since))
    folder = after.files.folder
    spells = [applied([state], installed, folder, strict=True) for state in states[:-1]]
    for spell, later in zip(spells, states[1:], strict=True):
        _check(spell, later.since)
    return Definitions(after.registry, after.files, states[-1].since, spells)


def _check(spell: Definitions, until: dt.date | None) -> None:
    """See to it that the config of earlier periods can be followed with their definitions."""
    try:
        _ = spell.config
    except ConfigError as error:
        raise ConfigError(
            f"What is to be applied can't hold before {until} ({error.what})",
            value=error.value,
            where=error.where,
            hint=f"say --effective-from {until}, or a later day",
        ) from error


def _run(differences: Changes, after: Definitions, since: dt.date | None) -> Applying:
    """Return the run of ``apply`` as the log would have it."""
    approval = Approval("", "", EPOCH, since)
    return Applying(
        id="",
        position=0,
        recorded_at=0,
        by="",
        why="",
        effective_from=since,
        restores=None,
        definitions=tuple(_definition("", c, after, approval) for c in differences.definitions),
        files=after.files.texts() if differences.config else None,
    )


def _definition(
    apply: str, change: Change, after: Definitions, approval: Approval
) -> DefinitionApplied:
    content = after.contents.get((change.sort, change.name))
    return DefinitionApplied(
        apply=apply,
        sort=change.sort,
        name=change.name,
        change=change.change,
        label=change.label,
        replaces=change.replaces,
        content=None if content is None else msgspec.json.encode(content).decode(),
        reason="; ".join(change.reasons),
        effective_from=approval.effective_from,
        restores=approval.restores,
        by=approval.by,
        why=approval.why,
    )


def _config(apply: str, after: Definitions, approval: Approval) -> ConfigApplied:
    return ConfigApplied(
        apply=apply,
        files=after.files.texts(),
        effective_from=approval.effective_from,
        restores=approval.restores,
        by=approval.by,
        why=approval.why,
    )


def _holder(path: Path) -> str:
    by = path.read_text().strip()
    return f", by {by}" if by else ""
