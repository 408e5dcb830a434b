"""Readers that let another reader answer, each question by whoever knows."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import Iterator, Sequence

from kamengine.engine import parts as parting
from kamengine.engine.session import Session
from kamengine.kpi import KPI, SubjectType
from kamengine.periods import Window
from kamengine.replay.book import instant
from kamengine.replay.contribution import Explanation
from kamengine.replay.reading import Reader
from kamengine.value import PartValue, Value


class Relay(Reader):
    """Passes what is asked of a KPI in a window on to the reader that answers for it.

    What isn't asked of a KPI (who there is, what was replayed) it answers as any reader.
    """

    @abstractmethod
    def answering(self, kpi: KPI, window: Window) -> tuple[Reader, KPI, Window]:
        """Return who answers for a KPI in a window, and KPI and window as they are there."""

    def values(
        self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str | None = None
    ) -> list[Value]:
        """Return the values of a KPI in a window, by subject, where there is evidence."""
        reader, kpi, window = self.answering(kpi, window)
        return reader.values(kpi, subject_type, window, subject)

    def parts(
        self,
        kpi: KPI,
        subject_type: SubjectType,
        windows: Sequence[Window],
        by: Sequence[parting.Key] = ("part",),
        subject: str | None = None,
    ) -> list[PartValue]:
        """Return the values of a KPI broken down, by period, subject and part.

        Raises:
            UnknownNameError: Its evidence has nothing to break it down by.
        """
        found: list[PartValue] = []
        for window in sorted(windows, key=lambda w: w.period):
            reader, own, held = self.answering(kpi, window)
            found += reader.parts(own, subject_type, [held], by, subject)
        return found

    def value(self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str) -> Value:
        """Return one value; where there is no evidence, what its absence means."""
        reader, kpi, window = self.answering(kpi, window)
        return reader.value(kpi, subject_type, window, subject)

    def explain(
        self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str
    ) -> Explanation:
        """Return a value with its evidence, or with its operands, all of the same replay."""
        reader, kpi, window = self.answering(kpi, window)
        return reader.explain(kpi, subject_type, window, subject)

    def absent(self, kpi: KPI, subject_type: SubjectType, window: Window, subject: str) -> Value:
        """Return what it means that there is no evidence for a value."""
        reader, kpi, window = self.answering(kpi, window)
        return reader.absent(kpi, subject_type, window, subject)


class Overruled(Relay):
    """Answers for one KPI by an older definition, and for the others as another reader does.

    Args:
        reader: That one.
        kpi: The KPI.
        older: Reads what was replayed by the older definition.

    Raises:
        ReplayError: Nothing was replayed yet.
    """

    def __init__(self, reader: Reader, kpi: str, older: Reader) -> None:
        self._reader = reader
        self._kpi = kpi
        self._older = older
        super().__init__(reader.workspace, reader.registry, reader.settings, reader.derived)
        self.held = reader.held

    def at(self, window: Window) -> Reader:
        """Return the reader of what holds for a window, overruled as well."""
        return Overruled(self._reader.at(window), self._kpi, self._older)

    def older(self, kpi_id: str) -> Reader | None:
        """Return who answers for a KPI by an older definition, where that was asked for."""
        return self._older if kpi_id == self._kpi else None

    def answering(self, kpi: KPI, window: Window) -> tuple[Reader, KPI, Window]:
        """Return who answers for a KPI in a window, and KPI and window as they are there.

        A definition stands for the calendar that it was applied with: by an older one, days and
        years may begin elsewhere.

        Raises:
            PeriodError: The period hasn't begun there.
        """
        if kpi.id == self._kpi:
            older, calendar = self._older, self._older.settings.calendar
            held = calendar.window(window.period, instant(older.head.as_of))
            return older, older.registry.kpi(kpi.id), held
        found = self._reader.at(window)
        return found, found.registry.kpis.get(kpi.id, kpi), window

    @contextlib.contextmanager
    def asking(self, *windows: Window) -> Iterator[Session]:
        """Let SQL read facts, projections and windows by their names, as that reader does."""
        with self._reader.asking(*windows) as session:
            yield session
