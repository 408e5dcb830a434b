"""Validating blocks of lines ahead of the log, in a second process once there are many."""

from __future__ import annotations

import contextlib
import pickle
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import IO, Self, cast

import msgspec

from kamengine.log import validator
from kamengine.log.intake import Admission, Intake
from kamengine.log.lines import Block

MANY = 16
"""Blocks after which a process of its own is worth its start; until it is up, and wherever it
can't be had, this process validates."""


class Validation:
    """Validates blocks in order, while the caller does something else.

    Args:
        intake: Says what is fit for the log.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._worker = ThreadPoolExecutor(max_workers=1)
        self._starter = ThreadPoolExecutor(max_workers=1)
        self._starting: Future[_Process | None] | None = None
        self._seen = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._worker.shutdown(cancel_futures=True)
        self._starter.shutdown()
        if process := self._process():
            process.close()

    def submit(self, block: Block) -> Future[Admission]:
        """Begin with a block as soon as those before it are done."""
        return self._worker.submit(self._admit, block)

    def _admit(self, block: Block) -> Admission:
        self._seen += 1
        if self._seen == MANY:
            self._starting = self._starter.submit(_start, self._intake)
        process = self._process()
        outcome = process.ask(block, self._intake) if process else None
        if outcome is None:
            admission = self._intake.admit(block.text, block.first)
            return msgspec.structs.replace(admission, size=len(block.text))
        events, lines, amending = outcome
        return Admission(events, lines, [], len(block.text), amending)

    def _process(self) -> _Process | None:
        return self._starting.result() if self._starting and self._starting.done() else None


class _Process:
    """The child process, up and running; see `validator`."""

    def __init__(self, assignment: bytes) -> None:
        self._child = subprocess.Popen(  # -P: from where kamengine is, not from this folder
            [sys.executable, "-P", "-m", "kamengine.log.validator"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._tasks = cast("IO[bytes]", self._child.stdin)
        self._answers = cast("IO[bytes]", self._child.stdout)
        self._lost = self._exchange(assignment) != validator.READY

    def ask(self, block: Block, intake: Intake) -> validator.Outcome | None:
        """Return what came of a block; None if it has to be looked at here."""
        if self._lost:
            return None
        task = validator.Task(block.text, block.first, intake.clock())
        outcome = self._exchange(validator.packed(task))
        return cast("validator.Outcome | None", outcome)

    def _exchange(self, message: bytes) -> object:
        try:
            validator.send(message, self._tasks)
            return cast("object", validator.receive(self._answers))
        except (OSError, EOFError):
            self._lost = True
            return None

    def close(self) -> None:
        """End the process."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._tasks, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()


def _start(intake: Intake) -> _Process | None:
    """Start a process that knows the same event types; None where they can't be handed over."""
    assignment = validator.Assignment(intake.registry.event_types, intake.zone.key)
    try:
        message = validator.packed(assignment)
    except (pickle.PicklingError, AttributeError, TypeError):
        return None  # a type that was made inside a function has no name to send
    return _Process(message)
