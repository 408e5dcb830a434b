"""The steps of a replay, in their order: the moments between which it may be killed."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TypeAlias


class Step(Enum):
    """A moment in a replay, told after it came.

    Attributes:
        doc: What was done by then.
        shown: Whether readers see what it did.
    """

    def __init__(self, doc: str, shown: bool) -> None:
        self.doc = doc
        self.shown = shown

    OPENED = "A state file to work on is open; nothing in it was touched.", False
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


OnStep: TypeAlias = Callable[[Step], None]
"""Told of each step as it is done."""


def unheeded(_: Step) -> None:
    """Take no notice of a step."""
