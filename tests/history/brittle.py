"""An office whose processes may be killed amid a replay."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from kamengine.cli.context import App
from kamengine.courier.client import Courier
from kamengine.replay.replay import Replayer
from kamengine.replay.staleness import Progress
from kamengine.replay.steps import OnStep, unheeded
from tests.history.office import Office
from tests.replay.test_resuming import BrokenOffError, breaking_off


class Brittle(App):
    """A run whose replays save after every step, and may break off."""

    on_step: OnStep = staticmethod(unheeded)

    def replayer(self, courier: Courier, progress: Progress) -> Replayer:
        """Return what replays, as any run does."""
        found = super().replayer(courier, progress)
        if self.on_step is not unheeded:
            found.on_step, found.save_every = self.on_step, 0
        return found


class BrittleOffice(Office):
    """An office whose processes may be killed."""

    on_step: OnStep = staticmethod(unheeded)

    @property
    def app(self) -> App:
        """A run of its own, as every command is one."""
        run = Brittle(self.root, self.registry, clock=lambda: self.now)
        run.on_step = self.on_step
        return run

    @contextlib.contextmanager
    def killed(self, after: int) -> Iterator[None]:
        """Let a process die after some steps of a replay, if it comes to so many."""
        self.on_step = breaking_off(after)
        try:
            yield
        except BrokenOffError:
            self.courier.close()
        finally:
            self.on_step = unheeded
