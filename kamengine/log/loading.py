"""Loading files of events into a log: validated, in batches, with every rejected line kept."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from kamengine.errors import ConflictingEventError, EventError
from kamengine.log.amendments import Amender
from kamengine.log.contract import EventLog, NewEvent, Receipt, Transaction
from kamengine.log.export import line_of
from kamengine.log.intake import Admission, Intake, Rejection
from kamengine.log.lines import LINE_LIMIT, Overlong, read_blocks
from kamengine.log.rejects import RejectedLines
from kamengine.log.validation import Validation

BATCH = 20_000
"""Events in one transaction: enough that the wait for the disk hardly counts."""

AHEAD = 40
"""Blocks of lines that may be validated before they are asked for: more than a batch, so that
validation goes on while SQLite writes one."""

REASONS_SHOWN = 5


class Supply(Protocol):
    """Something to load events from, whatever it is written in."""

    @property
    def name(self) -> str:
        """What people know it by."""

    @property
    def rejects(self) -> Path:
        """Where its rejected lines go."""

    @property
    def spare(self) -> Path:
        """Where they go if that can't be written."""

    def admissions(self, intake: Intake, limit: int) -> Iterator[Admission]:
        """Yield what comes of its lines, some at a time.

        Args:
            intake: Validates events.
            limit: The longest line, in bytes.
        """


class Source(msgspec.Struct, frozen=True):
    """A supply that is written in JSON lines.

    Attributes:
        name: What people know it by.
        open: Opens it for reading bytes.
        rejects: Where its rejected lines go.
        spare: Where they go if that can't be written.
    """

    name: str
    open: Callable[[], AbstractContextManager[BinaryIO]]
    rejects: Path
    spare: Path

    def admissions(self, intake: Intake, limit: int) -> Iterator[Admission]:
        """Yield what comes of its lines, validated ahead; see `Supply.admissions`.

        Reading stays with the caller's thread: whoever interrupts it need not wait for a pipe.
        """
        coming: deque[Future[Admission]] = deque()
        with self.open() as stream, Validation(intake) as validation:
            for block in read_blocks(stream, limit):
                if isinstance(block, Overlong):
                    coming.append(_refused(block, limit))
                else:
                    coming.append(validation.submit(block))
                if len(coming) > AHEAD:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()


class Loaded(msgspec.Struct, kw_only=True):
    """What became of one source.

    Attributes:
        source: Its name.
        appended: Events that are new in the log.
        duplicates: Events that it had already, with the same content.
        rejected: Lines that weren't fit for it.
        conflicts: Events whose id it has with other content.
        rejects: The file that holds the rejected and conflicting lines, if any.
        reasons: The first few of their reasons.
        undone: Whether nothing was kept because of them.
    """

    source: str
    appended: int = 0
    duplicates: int = 0
    rejected: int = 0
    conflicts: int = 0
    rejects: Path | None = None
    reasons: list[str] = []
    undone: bool = False

    @property
    def failures(self) -> int:
        """How many lines didn't come in."""
        return self.rejected + self.conflicts


def load(
    log: EventLog,
    intake: Intake,
    sources: Sequence[Supply],
    *,
    strict: bool = False,
    limit: int = LINE_LIMIT,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Loaded]:
    """Append the events of some sources.

    Args:
        log: Where to.
        intake: Validates them.
        sources: Read one after the other.
        strict: All of all sources comes in, or nothing at all does. Otherwise what is fit for
            the log comes in, in batches, each kept for good before the next.
        limit: The longest line, in bytes.
        progress: Told the number of bytes done with, again and again.

    Raises:
        LogError: The log can't be written; batches before that stand, unless ``strict``.
        OSError: A source can't be read; likewise.
    """
    results = []
    with _undisturbed(), log.transaction() as transaction:
        for source in sources:
            loading = _Loading(transaction, intake, source, strict=strict)
            with loading:
                for admission in source.admissions(intake, limit):
                    progress(loading.take(admission))
            results.append(loading.result)
        if strict and any(result.failures for result in results):
            transaction.rollback()
            for result in results:
                result.undone, result.appended, result.duplicates = True, 0, 0
    return results


class _Loading:
    """One source on its way in."""

    def __init__(
        self, transaction: Transaction, intake: Intake, source: Supply, *, strict: bool
    ) -> None:
        self.result = Loaded(source=source.name)
        self._transaction = transaction
        self._amender = Amender(intake)
        self._amending = False
        self._strict = strict
        self._rejects = RejectedLines(source.rejects, source.spare)
        self._events: list[NewEvent] = []
        self._lines: list[int] = []

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._append()
        finally:
            self._rejects.close()
            self.result.rejects = self._rejects.path if self._rejects.count else None

    def take(self, admission: Admission) -> int:
        """Keep what is fit, append when a batch is full, and return the bytes done with."""
        for rejection in admission.rejections:
            self._reject(rejection)
        self._events += admission.events
        self._lines += admission.lines
        self._amending |= admission.amending
        if len(self._events) >= BATCH:
            self._append()
        return admission.size

    def _append(self) -> None:
        if self._amending:
            receipt = self._amender.append(self._transaction, self._events)
        else:
            receipt = self._transaction.append(self._events)
        if not self._strict:
            self._transaction.commit()
        self._count(receipt)
        self._events, self._lines, self._amending = [], [], False

    def _count(self, receipt: Receipt) -> None:
        self.result.appended += receipt.appended
        self.result.duplicates += receipt.duplicates
        for refusal in receipt.refusals:
            raw = line_of(self._events[refusal.index])
            self._reject(Rejection(self._lines[refusal.index], refusal.error, raw))

    def _reject(self, rejection: Rejection) -> None:
        self._rejects.add(rejection)
        if isinstance(rejection.error, ConflictingEventError):
            self.result.conflicts += 1
        else:
            self.result.rejected += 1
        if len(self.result.reasons) < REASONS_SHOWN:
            place = f"{self.result.source}, line {rejection.line}"
            self.result.reasons.append(f"{place}: {rejection.error}")


def _refused(block: Overlong, limit: int) -> Future[Admission]:
    hint = "what is kept of it is only its start" if len(block.start) < block.size else None
    error = EventError(
        f"The line is longer than {limit:,} bytes", value=f"{block.size:,} bytes", hint=hint
    )
    refused: Future[Admission] = Future()
    refused.set_result(Admission([], [], [Rejection(block.number, error, block.start)], block.size))
    return refused


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the garbage collector off: millions of tuples come and go, none of them in a ring."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
