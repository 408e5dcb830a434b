"""A story: events told one after the other, and what KPIs then are.

.. code-block:: python

    story.given(
        {"type": "issue.opened", "account_id": "acme", "occurred_at": "2026-07-02",
         "data": {"issue_id": "i1"}},
    ).as_of("2026-09-30").then("open_issue_age", period="2026-Q3", value=90)

What is told is appended to a log, and replayed when somebody asks for a value: with the KPI asked
for and what it rests on, and nothing else, so that a story costs a fraction of a second.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import msgspec

from kamengine.courier.client import Courier
from kamengine.errors import ReplayError
from kamengine.kpi import KPI, Composite, SubjectType
from kamengine.periods import Window
from kamengine.plugins import Registry
from kamengine.replay.contribution import Explanation
from kamengine.replay.narrowing import narrowed
from kamengine.replay.reading import Reader
from kamengine.replay.replay import Replayer
from kamengine.scorecard.answers import Answers
from kamengine.settings import Settings
from kamengine.testing.cases import (
    NOW,
    CaseSettings,
    Expectation,
    append_events,
    differences,
    write_config,
)
from kamengine.value import Value
from kamengine.workspace import Workspace


class Story:
    """An organisation that a test tells of.

    Args:
        folder: An empty folder, its workspace.
        registry: The packs.
        courier: Carries rows; one for all stories, since starting it costs the most.
        settings: What the organisation decided.
    """

    def __init__(
        self, folder: Path, registry: Registry, courier: Courier, settings: Settings | None = None
    ) -> None:
        self.workspace = Workspace(folder)
        self.registry = registry
        self.settings = settings or Settings()
        self._courier = courier
        self._config: dict[str, dict[str, object]] = {}
        self._told = 0
        self._asked: set[str] = set()
        self._answers: Answers | None = None

    def given(self, *events: Mapping[str, object]) -> Self:
        """Tell events, each as a line of ``events append`` has it; ids may be left out.

        Raises:
            EventError: One isn't fit for the log.
        """
        numbered = [
            {"id": f"given-{number}"} | dict(event)
            for number, event in enumerate(events, self._told + 1)
        ]
        append_events(self.workspace, self.registry, self.settings, tuple(numbered))
        self._told += len(events)
        self._answers = None
        return self

    def as_of(self, day: str) -> Self:
        """Let windows that are still open end with a day, included."""
        self.settings = msgspec.structs.replace(self.settings, as_of=day)
        self._answers = None
        return self

    def with_params(self, kpi_id: str, **params: object) -> Self:
        """Set parameters of a KPI, as config would.

        Raises:
            msgspec.ValidationError: It has no such parameter, or the value has another type.
        """
        kpi = self.registry.kpi(kpi_id)
        chosen = msgspec.structs.asdict(self.settings.params_of(kpi)) | params
        made = msgspec.convert(chosen, type(kpi.params), strict=False)
        self.settings = msgspec.structs.replace(
            self.settings, params={**self.settings.params, kpi_id: made}
        )
        self._answers = None
        return self

    def with_config(self, **files: dict[str, object]) -> Self:
        """Set ``kpis``, ``scorecards`` or ``accounts``, each as in the file of that name."""
        self._config |= files
        self._answers = None
        return self

    def value(
        self, kpi_id: str, *, period: str, by: SubjectType = "account", subject: str = "acme"
    ) -> Value:
        """Return one value; where there is no evidence, what its absence means.

        Raises:
            UnknownNameError: No pack registers such a KPI.
            ReplayError: The KPI can't be computed.
        """
        kpi = self.registry.kpi(kpi_id)
        return self._replayed(kpi).value(kpi, by, self.window(period), subject)

    def values(self, kpi_id: str, *, period: str, by: SubjectType = "account") -> list[Value]:
        """Return the values of a KPI in a period, by subject, where there is evidence.

        Raises:
            UnknownNameError: No pack registers such a KPI.
            ReplayError: The KPI can't be computed.
        """
        kpi = self.registry.kpi(kpi_id)
        return list(self._replayed(kpi).values(kpi, by, self.window(period)))

    def explain(
        self, kpi_id: str, *, period: str, by: SubjectType = "account", subject: str = "acme"
    ) -> Explanation:
        """Return one value with the evidence that it rests on.

        Raises:
            UnknownNameError: No pack registers such a KPI.
            ReplayError: The KPI can't be computed.
        """
        kpi = self.registry.kpi(kpi_id)
        reader = self._replayed(kpi).reader
        return reader.explain(kpi, by, self.window(period), subject)

    def then(self, kpi_id: str, *, period: str, **expected: object) -> Self:
        """Assert a value, with the words of a case: ``by``, ``subject``, ``value``, ``count``, ...

        ``value`` may be a fraction, ``"100/7"``. What is left out isn't compared.

        Raises:
            AssertionError: It is another one; the message says in what.
        """
        wanted = msgspec.convert({"period": period, **expected}, Expectation, strict=False)
        found = self.value(kpi_id, period=period, by=wanted.by, subject=wanted.subject)
        told = "; ".join(differences(wanted, found))
        assert not told, told
        return self

    def window(self, period: str) -> Window:
        """Return the window of a period, cut at "as of"."""
        cut = self.settings.calendar.as_of(self.settings.as_of, NOW)
        return self.settings.calendar.window(period, cut)

    def _replayed(self, kpi: KPI) -> Answers:
        """Return what answers for a KPI, after bringing it up to what was told."""
        if self._answers is None or kpi.id not in self._asked:
            self._asked.add(kpi.id)
            self._answers = self._replay(NOW)
        problem = self._answers.reader.definitions.get(kpi.id)
        if problem is not None and problem.problem:
            raise ReplayError("The KPI can't be computed", value=problem.problem, where=kpi.id)
        return self._answers

    def _replay(self, now: dt.datetime) -> Answers:
        composite = any(isinstance(self.registry.kpi(k).value, Composite) for k in self._asked)
        measured = (
            self.registry if composite else narrowed(self.registry, self._asked, self.settings)
        )
        Replayer(self.workspace, measured, self.settings, self._courier).replay(now)
        chosen = CaseSettings(
            reporting_currency=self.settings.reporting_currency,
            time_zone=self.settings.calendar.time_zone.key,
        )
        config = write_config(self.workspace, self.registry, chosen, self._config)
        return Answers(Reader(self.workspace, measured, self.settings), config)
