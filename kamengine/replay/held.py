"""A session that several questions share: opening a state file takes as long as reading it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from kamengine.engine.session import Session


class Held(threading.local):
    """Keeps a session open while questions are asked together; each thread has its own."""

    def __init__(self) -> None:
        self._depth = 0
        self._state = ""
        self._session: Session | None = None

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Let the questions of the block share one session, if any of them needs one."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self._close()

    @contextlib.contextmanager
    def session(self, state: Callable[[], str], opened: Callable[[], Session]) -> Iterator[Session]:
        """Yield the session that is shared, or one of its own outside of such a block.

        Args:
            state: Names the state file; what is open of another one is closed.
            opened: Opens it.
        """
        if not self._depth:
            with opened() as session:
                yield session
            return
        if self._session is None or self._state != state():
            self._close()
            self._session = opened()
            self._state = state()
        yield self._session

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None
