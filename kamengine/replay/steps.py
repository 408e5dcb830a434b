"""The steps of an apply and of a replay, in their order: the moments when either may be killed."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeAlias


class Step(Enum):
    """A moment in an apply or a replay, told after it came.

    An apply rehearses its replay before anything is on record: the steps up to ``DERIVED`` come
    in it twice.

    Attributes:
        doc: What was done by then.
        shown: Whether readers see what it did.
    """

    def __init__(self, doc: str, shown: bool) -> None:
        self.doc = doc
        self.shown = shown

    HELD = "The right to change what is in force is held; nothing was compared yet.", False
    REHEARSED = "What would move is known, and what was derived for it is on the disk.", False
    RECORDING = "What is to be in force lies in the transaction of the log.", False
    RECORDED = "It is on record: every replay from here on goes by it.", False
    OPENED = "A state file to work on is open; nothing in it was touched.", False
    RENAMED = "Tables have the names of the periods that their definitions hold for.", False
    CHUNK = "A chunk of events was decoded into facts.", False
    FACTS = "The facts are up to the log.", False
    PROJECTION = "A projection was derived, or found to be true still.", False
    EVIDENCE = "The evidence of a KPI was gathered, or found to be true still.", False
    SAVED = "What was done so far is on the disk: another replay can go on from here.", False
    DERIVED = "All evidence is there; what is stale is known.", False
    VALUES = "The values of a KPI lie in the transaction of the book.", False
    SIGNED = "The state file is whole and closed; the book doesn't name it yet.", False
    HANDED_OVER = "The book names the state file, and has its values.", True
    TIDIED = "State files that nobody will use again are deleted.", True


ORDERED = tuple(Step)

REPLAY = ORDERED[ORDERED.index(Step.OPENED) :]
"""The steps of a replay."""

REHEARSAL = REPLAY[: REPLAY.index(Step.DERIVED) + 1]
"""Those of them that a plan takes as well."""

APPLY = (Step.HELD, *REHEARSAL, Step.REHEARSED, Step.RECORDING, Step.RECORDED, *REPLAY)
"""The steps of an apply."""

OnStep: TypeAlias = Callable[[Step], None]
"""Told of each step as it is done."""


def unheeded(_: Step) -> None:
    """Take no notice of a step."""
