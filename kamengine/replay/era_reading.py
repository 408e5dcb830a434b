"""Answers where earlier periods keep definitions of their own: each by those of its era."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from kamengine.engine.session import Session
from kamengine.kpi import KPI
from kamengine.periods import Window
from kamengine.replay.book import micros
from kamengine.replay.derived import NEWEST, Derived, Names
from kamengine.replay.era import Era, holding
from kamengine.replay.reading import Reader
from kamengine.replay.relaying import Relay
from kamengine.workspace import Workspace

if TYPE_CHECKING:
    from kamengine.replay.eras import Timeline


class EraReader(Relay):
    """Lets a reader of its era answer for each window.

    What isn't asked of a window (who there is, what was replayed) is as in the newest era.

    Args:
        workspace: The folder.
        eras: Oldest first.

    Raises:
        ReplayError: Nothing was replayed yet.
    """

    def __init__(self, workspace: Workspace, eras: Sequence[Era]) -> None:
        self._eras = tuple(eras)
        self._readers: dict[int, Reader] = {}
        super().__init__(workspace, eras[-1].registry, eras[-1].settings)

    def answering(self, kpi: KPI, window: Window) -> tuple[Reader, KPI, Window]:
        """Return who answers for a KPI in a window, and KPI and window as they are there."""
        reader = self.at(window)
        return reader, reader.registry.kpis.get(kpi.id, kpi), window

    def at(self, window: Window) -> Reader:
        """Return the reader of what holds for a window."""
        number = self._eras.index(holding(self._eras, window.start))
        if number not in self._readers:
            self._readers[number] = self._reader(number)
        return self._readers[number]

    @contextlib.contextmanager
    def asking(self, *windows: Window) -> Iterator[Session]:
        """Let SQL read facts, projections and windows by their names, as definitions do.

        The projections are those of the era of the first window.
        """
        asked = self.at(windows[0]).asking if windows else super().asking
        with asked(*windows) as session:
            yield session

    def _follow(self) -> None:
        """Turn to what the last replay handed over."""
        super()._follow()
        self._readers.clear()

    @cached_property
    def _timeline(self) -> Timeline:
        from kamengine.replay.eras import Timeline  # noqa: PLC0415 - it needs a parser

        return Timeline(self._eras)

    def _derived(self, number: int) -> Derived:
        """Return how an era's definitions are derived: the newest under their own names."""
        following = self._eras[number + 1 :]
        if not following or following[0].since is None:
            return NEWEST
        return Derived(
            micros(self.settings.calendar.midnight(following[0].since)) - 1,
            lambda: Names(self._timeline.names[number], self._timeline.relations[number]),
        )

    def _reader(self, number: int) -> Reader:
        era, derived = self._eras[number], self._derived(number)
        reader = Reader(self.workspace, era.registry, era.settings, derived)
        reader.held = self.held
        return reader
