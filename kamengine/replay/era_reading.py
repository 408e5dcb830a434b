"""Answers where earlier periods keep definitions of their own: each by those of its era."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from kamengine.engine.session import Session
from kamengine.kpi import KPI
from kamengine.periods import Window
from kamengine.replay.book import micros
from kamengine.replay.derived import Derived
from kamengine.replay.era import Era, holding
from kamengine.replay.eras import Timeline
from kamengine.replay.reading import Reader
from kamengine.replay.relaying import Relay
from kamengine.workspace import Workspace


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
        self._timeline = Timeline(eras)
        self._readers: dict[int, Reader] = {}
        super().__init__(workspace, eras[-1].registry, eras[-1].settings)

    def answering(self, kpi: KPI, window: Window) -> tuple[Reader, KPI]:
        """Return who answers for a KPI in a window, and the KPI as it is there."""
        reader = self.at(window)
        return reader, reader.registry.kpis.get(kpi.id, kpi)

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

    def _reader(self, number: int) -> Reader:
        era, timeline = self._eras[number], self._timeline
        next_era = self._eras[number + 1] if number + 1 < len(self._eras) else None
        midnight = self.settings.calendar.midnight
        before = midnight(next_era.since) if next_era and next_era.since else None
        derived = Derived(
            kpis=timeline.names[number],
            relations=timeline.relations[number],
            t0=None if before is None else micros(before) - 1,
        )
        return Reader(self.workspace, era.registry, era.settings, derived)
