"""The validator: a child process that validates blocks of lines for `Validation`.

Both ends of its pipes are kamengine: what is pickled goes no further. It gets an `Assignment`
first, then blocks, and answers each in turn.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import pickle
import signal
import sys
from typing import IO, Any, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from kamengine.event import EventType
from kamengine.log.contract import NewEvent
from kamengine.log.instants import utc_now
from kamengine.log.intake import Intake
from kamengine.plugins import Registry

READY = "ready"
LENGTH_BYTES = 8


class Assignment(msgspec.Struct, frozen=True):
    """What to validate against.

    Attributes:
        event_types: The known event types, by name.
        zone: The time zone in which a bare date starts.
    """

    event_types: dict[str, EventType]
    zone: str


class Task(msgspec.Struct, frozen=True):
    """Lines to validate.

    Attributes:
        text: Whole lines.
        first: The number of the first of them.
        now: The log's clock.
    """

    text: bytes
    first: int
    now: dt.datetime


Outcome: TypeAlias = tuple[list[NewEvent], list[int], bool]
"""The events and line numbers of lines that are all fit for the log, and whether some of them
amend others; see `Admission`."""


def packed(thing: object) -> bytes:
    """Pickle something, its length first: to unpickle straight from a pipe may wait for more."""
    raw = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
    return len(raw).to_bytes(LENGTH_BYTES) + raw


def send(message: bytes, pipe: IO[bytes]) -> None:
    """Write what `packed` made into a pipe."""
    pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Read what `packed` made and `send` wrote.

    Raises:
        EOFError: The other side hung up.
    """
    length = int.from_bytes(pipe.read(LENGTH_BYTES))
    raw = pipe.read(length)
    if not length or len(raw) < length:
        raise EOFError
    return pickle.loads(raw)  # noqa: S301 - both ends are ours


def serve(tasks: IO[bytes], answers: IO[bytes]) -> None:
    """Answer tasks until the other side hangs up: an `Outcome`, or None if a line is unfit."""
    assignment: Assignment = receive(tasks)
    registry = Registry()
    registry.event_types.update(assignment.event_types)
    moments = [utc_now()]
    intake = Intake(registry, ZoneInfo(assignment.zone), lambda: moments[-1])
    send(packed(READY), answers)
    while True:
        task: Task = receive(tasks)
        moments[-1] = task.now
        admission = intake.admit(task.text, task.first)
        fit: Outcome = (admission.events, admission.lines, admission.amending)
        send(packed(None if admission.rejections else fit), answers)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other side decides when to stop
    gc.disable()  # millions of tuples come and go, none of them in a ring
    with contextlib.suppress(BrokenPipeError, EOFError):
        serve(sys.stdin.buffer, sys.stdout.buffer)
