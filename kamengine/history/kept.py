"""The last plan, kept for as long as it is true: an apply of the same needn't compute it again."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from pathlib import Path

import msgspec

from kamengine.fingerprint import fingerprint
from kamengine.history.definitions import Definitions
from kamengine.history.plan import Plan
from kamengine.replay.book import Book
from kamengine.workspace import Workspace


def kept(
    workspace: Workspace, before: Definitions, after: Definitions, make: Callable[[], Plan]
) -> Plan:
    """Return a plan: the last one where it was of the very same, else one made now.

    One with problems isn't kept: they may be the machine's.

    Args:
        workspace: The folder.
        before: What was applied.
        after: What would be.
        make: Makes the plan.
    """
    path = workspace.state_dir / "plan.json"
    key = _key(workspace, before, after)
    with contextlib.suppress(OSError, msgspec.MsgspecError), path.open("rb") as file:
        if file.readline().strip() == key.encode():
            return msgspec.json.decode(file.read(), type=Plan)
    found = make()
    if not found.problems:
        _write(path, key.encode() + b"\n" + msgspec.json.encode(found))
    return found


def _key(workspace: Workspace, before: Definitions, after: Definitions) -> str:
    """Return what a plan rests on: both sides, and the values that are shown."""
    book = Book(workspace.values_path)
    shown = (book.head(), book.history())
    sides = [_told(spell) for side in (before, after) for spell in (*side.spells, None)]
    return fingerprint(repr(shown), *sides)


def _told(spell: Definitions | None) -> str:
    """Write all that decides values; None ends a side."""
    if spell is None:
        return "end"
    contents = sorted((*key, msgspec.json.encode(item)) for key, item in spell.contents.items())
    return repr((spell.since, sorted(spell.files.texts().items()), contents))


def _write(path: Path, content: bytes) -> None:
    """Write the file whole or not at all; without it, the next plan only takes longer."""
    beside = path.with_name(f"{path.name}.{uuid.uuid4().hex[:8]}")
    with contextlib.suppress(OSError):
        beside.write_bytes(content)
        beside.replace(path)
