"""Stopping work that takes too long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

AGAIN = 0.2
"""Seconds until it is told to stop again: between two queries there is nothing to stop."""


class Stopwatch:
    """Calls for a stop, again and again, once the block's time has run out.

    Args:
        seconds: The time that the block has.
        stop: Stops what the block is waiting for.

    Attributes:
        ran_out: Whether the time has run out.
    """

    def __init__(self, seconds: float, stop: Callable[[], None]) -> None:
        self.ran_out = False
        self._seconds = seconds
        self._stop = stop
        self._over = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:  # from here on nobody is stopped who comes later
            self._over.set()

    def _watch(self) -> None:
        left = self._seconds
        while not self._over.wait(left):
            with self._lock:
                if self._over.is_set():
                    return
                self.ran_out = True
                self._stop()
            left = AGAIN
