"""Statements that don't wait for one another, run side by side.

A statement keeps all processors busy only while its work can be divided. While one of them sorts
what is left, merges what all did or writes the end of a table, the others look on: another
statement is what they can do then.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from itertools import islice
from queue import SimpleQueue
from types import TracebackType
from typing import Generic, Self, TypeAlias, TypeVar

from kamengine.engine.connection import Connection, LimitError

LANES = 3
"""One more than a small machine has processors: a lane is idle now and then too."""

IN_FLIGHT = 8
"""Jobs handed to the lanes at a time: what is under way is all that a save point waits for."""

AGAIN = 0.2
"""Seconds until a lane is told to stop again: between two statements there is nothing to stop."""

Key = TypeVar("Key")

Outcome: TypeAlias = Callable[[], None]
"""Returns when a job is done, or raises what it failed of."""


class Lanes(Generic[Key]):
    """Runs jobs side by side, each on one of some connections beside a session's own.

    Iterating yields what each job is for, in the order in which they were given, and its outcome.
    A job that takes more time or memory than it may is run again alone, when its outcome is asked
    for: what others took beside it is not its fault.

    Args:
        session: Whose database it is; nobody else writes to it meanwhile.
        jobs: What each is for, and its statements. They must not depend on one another's, and
            running them once more must do no harm where they failed.
        schema: Where the statements look relations up first, if not in the tables that all share.
    """

    def __init__(
        self, session: Connection, jobs: Mapping[Key, Sequence[str]], schema: str | None = None
    ) -> None:
        self._session = session
        self._jobs = jobs
        self._schema = schema
        self._lanes: list[Connection] = []
        self._free: SimpleQueue[Connection] = SimpleQueue()
        self._flying: deque[tuple[Key, Future[None]]] = deque()

    def __enter__(self) -> Self:
        if self._schema is not None:
            self._session.look_at(self._schema)
        for _ in range(min(LANES, len(self._jobs)) if len(self._jobs) > 1 else 0):
            lane = self._session.beside()
            self._lanes.append(lane)
            if self._schema is not None:
                lane.look_at(self._schema)
            self._free.put(lane)
        self._pool = ThreadPoolExecutor(max(len(self._lanes), 1))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop what is under way, and wait until it has stopped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        left = {future for _, future in self._flying if not future.cancelled()}
        while left:
            for lane in self._lanes:
                lane.interrupt()
            left = wait(left, timeout=AGAIN).not_done
        for lane in self._lanes:
            lane.close()

    def __iter__(self) -> Iterator[tuple[Key, Outcome]]:
        if not self._lanes:
            for key in self._jobs:
                yield key, partial(self._run, self._session, key)
            return
        waiting = iter(self._jobs)
        self._submit(islice(waiting, IN_FLIGHT))
        while self._flying:
            key, future = self._flying[0]
            yield key, partial(self._outcome, key, future)
            self._flying.popleft()
            self._submit(islice(waiting, 1))

    def settle(self) -> None:
        """Wait until none is under way; the next begins when the next outcome is asked for."""
        wait(future for _, future in self._flying)

    def _submit(self, keys: Iterator[Key]) -> None:
        for key in keys:
            self._flying.append((key, self._pool.submit(self._take_lane, key)))

    def _take_lane(self, key: Key) -> None:
        lane = self._free.get()
        try:
            with lane.limited():
                self._run(lane, key)
        finally:
            self._free.put(lane)

    def _run(self, connection: Connection, key: Key) -> None:
        for statement in self._jobs[key]:
            connection.run(statement)

    def _outcome(self, key: Key, future: Future[None]) -> None:
        with contextlib.suppress(LimitError):
            return future.result()
        self.settle()
        return self._run(self._session, key)
