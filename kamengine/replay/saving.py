"""Save points: now and then a replay brings to the disk how far it has come."""

from __future__ import annotations

import time

from kamengine.engine.session import Session
from kamengine.replay import state
from kamengine.replay.state import Mark
from kamengine.replay.steps import OnStep, Step, unheeded

SECONDS = 15.0
"""What a replay may lose when it is killed, beside the step under way."""

SHARE = 20
"""Of the time between two save points, at most one part in so many goes into saving."""


class Saving:
    """When to save, and the tale of the steps.

    A checkpoint brings everything to the disk at once: tables and mark always agree.

    Args:
        session: On the file that is worked on.
        on_step: Told of each step.
        every: Seconds of work between two save points; 0 to save after each step.
    """

    def __init__(
        self, session: Session, on_step: OnStep = unheeded, every: float = SECONDS
    ) -> None:
        self.session = session
        self.on_step = on_step
        self.every = every
        self._due = time.monotonic() + every

    def due(self) -> bool:
        """Tell whether enough work has been done since the last save point."""
        return time.monotonic() >= self._due

    def save(self, mark: Mark) -> None:
        """Bring what was done so far to the disk.

        Args:
            mark: What the file is by now.

        Raises:
            MachineError: It can't be written.
        """
        began = time.monotonic()
        state.sign(self.session, mark)
        now = time.monotonic()
        self._due = now + (max(self.every, SHARE * (now - began)) if self.every else 0)
        self.on_step(Step.SAVED)
