"""Putting definitions and config into force: as events, all of them or none."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from kamengine.errors import ReplayError
from kamengine.event import EventData, EventType
from kamengine.history.changes import Change, Changes, changes
from kamengine.history.definitions import Definitions
from kamengine.history.ledger import SHAPES
from kamengine.log.contract import NewEvent
from kamengine.log.instants import micros
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.vocabulary import (
    CONFIG_APPLIED,
    DEFINITION_APPLIED,
    ConfigApplied,
    DefinitionApplied,
)
from kamengine.workspace import Workspace

SOURCE = "kamengine"
"""The source of what the engine itself puts on record."""


class Approval(NamedTuple):
    """Who puts something into force, and why.

    Attributes:
        by: A person, as they call themselves.
        why: In their words.
        at: When.
        effective_from: Earlier periods keep what held for them before; None for all periods.
    """

    by: str
    why: str
    at: dt.datetime
    effective_from: dt.date | None = None


@contextlib.contextmanager
def applying(workspace: Workspace, by: str) -> Iterator[None]:
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
        yield
        lock.truncate(0)


def adopt(
    workspace: Workspace, log: SQLiteEventLog, present: Definitions, approval: Approval
) -> int:
    """Put everything into force as it stands written, where nothing was applied yet.

    Returns:
        How many definitions that were; 0 where something was in force already.
    """
    if any(True for _ in log.records(SHAPES)):
        return 0
    with applying(workspace, approval.by):
        if any(True for _ in log.records(SHAPES)):
            return 0
        everything = changes(None, present)
        record(log, everything, present, approval)
    return len(everything.definitions)


def record(
    log: SQLiteEventLog, differences: Changes, after: Definitions, approval: Approval
) -> int:
    """Append what is to be in force, in one transaction.

    Args:
        log: The log.
        differences: What is other than before.
        after: What is to be in force.
        approval: Who says so.

    Returns:
        The position of the last record.

    Raises:
        LogError: The log can't be written; nothing is in force that wasn't before.
    """
    apply = uuid.uuid4().hex[:12]
    events = [_definition(apply, change, after, approval) for change in differences.definitions]
    if differences.config:
        events.append(_config(apply, after, approval))
    receipt = log.append(events)
    if receipt.refusals:
        raise receipt.refusals[0].error
    return receipt.head.position


def _definition(apply: str, change: Change, after: Definitions, approval: Approval) -> NewEvent:
    content = after.contents.get((change.sort, change.name))
    payload = DefinitionApplied(
        apply=apply,
        sort=change.sort,
        name=change.name,
        change=change.change,
        label=change.label,
        replaces=change.replaces,
        content=None if content is None else msgspec.json.encode(content).decode(),
        reason="; ".join(change.reasons),
        effective_from=approval.effective_from,
        by=approval.by,
        why=approval.why,
    )
    name = f"{apply}/{change.sort}/{change.name}"
    return new_record(DEFINITION_APPLIED, name, payload, approval.at)


def _config(apply: str, after: Definitions, approval: Approval) -> NewEvent:
    payload = ConfigApplied(
        apply=apply,
        files=after.files.texts(),
        effective_from=approval.effective_from,
        by=approval.by,
        why=approval.why,
    )
    return new_record(CONFIG_APPLIED, f"{apply}/config", payload, approval.at)


def new_record(
    event_type: EventType,
    event_id: str,
    payload: EventData,
    at: dt.datetime,
    *,
    account: str | None = None,
    manager: str | None = None,
) -> NewEvent:
    """Return a record of the engine's own, ready for the log."""
    data = msgspec.json.encode(payload).decode()
    moment = micros(at)
    return (
        event_id,
        event_type.name,
        event_type.version,
        account,
        manager,
        moment,
        None,
        SOURCE,
        data,
    )


def _holder(path: Path) -> str:
    by = path.read_text().strip()
    return f", by {by}" if by else ""
