"""Statements that don't wait for one another, run side by side.

A statement keeps all processors busy only while its work can be divided. While one of them sorts
what is left, merges what all did or writes the end of a table, the others look on: another
statement is what they can do then.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
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
Result = TypeVar("Result")

Job: TypeAlias = Callable[[Connection], Result]
"""What is to be run on a connection; where it failed, running it once more must do no harm."""

Outcome: TypeAlias = Callable[[], Result]
"""Returns what a job returned, once it is done, or raises what it failed of."""


class Lanes(Generic[Key, Result]):
    """Runs jobs side by side, each on one of some connections beside a session's own.

    Iterating yields what each job is for, in the order in which they were given, and its outcome.
    A job that takes more time or memory than it may is run again alone, when its outcome is asked
    for, with all the time that it may take: what others took beside it is not its fault.

    Args:
        session: Whose database it is; nobody else writes to it meanwhile.
        jobs: What each is for, and the job. None may depend on another.
        schema: Where they look relations up first, if not among the tables that all share.
        in_flight: How many are handed to the lanes ahead of the one that is asked for.
    """

    def __init__(
        self,
        session: Connection,
        jobs: Mapping[Key, Job[Result]],
        schema: str | None = None,
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self._session = session
        self._jobs = jobs
        self._schema = schema
        self._in_flight = in_flight
        self._lanes: list[Connection] = []
        self._free: SimpleQueue[Connection] = SimpleQueue()
        self._flying: deque[tuple[Key, Future[Result]]] = deque()

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

    def __iter__(self) -> Iterator[tuple[Key, Outcome[Result]]]:
        if not self._lanes:
            for key, job in self._jobs.items():
                yield key, partial(_limited, job, self._session)
            return
        waiting = iter(self._jobs)
        self._submit(islice(waiting, self._in_flight))
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
            self._flying.append((key, self._pool.submit(self._take_lane, self._jobs[key])))

    def _take_lane(self, job: Job[Result]) -> Result:
        lane = self._free.get()
        try:
            return _limited(job, lane)
        finally:
            self._free.put(lane)

    def _outcome(self, key: Key, future: Future[Result]) -> Result:
        with contextlib.suppress(LimitError):
            return future.result()
        self.settle()
        return _limited(self._jobs[key], self._session)


def _limited(job: Job[Result], connection: Connection) -> Result:
    with connection.limited():
        return job(connection)


def running(*statements: str) -> Job[None]:
    """Return the job of running statements one after the other."""

    def run(connection: Connection) -> None:
        for statement in statements:
            connection.run(statement)

    return run
