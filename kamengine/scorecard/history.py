"""What subjects reached in closed periods: the organisation's own history, to set targets by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from fractions import Fraction

from kamengine.config.levels import Goal, GoalSettings, plain
from kamengine.config.model import Config
from kamengine.config.resolution import nearest
from kamengine.config.section import Carrier, When
from kamengine.errors import UnknownNameError
from kamengine.kpi import KPI, Composite
from kamengine.periods import Calendar, Window
from kamengine.scorecard.answers import Answers
from kamengine.scorecard.card import exact
from kamengine.scorecard.proposal import Proposal, propose
from kamengine.scorecard.subjects import Directory
from kamengine.suggestions import suggest


class History:
    """What was reached at one grain in some periods, by everybody or by one scorecard's subjects.

    Args:
        answers: Values, and the config.
        carrier: The grain.
        windows: The periods, oldest first.
        scorecard: Only subjects who had this scorecard in the period; else everybody.

    Raises:
        UnknownNameError: There is no such scorecard.
    """

    def __init__(
        self,
        answers: Answers,
        carrier: Carrier,
        windows: Sequence[Window],
        scorecard: str | None = None,
    ) -> None:
        known = answers.config.scorecards
        if scorecard is not None and scorecard not in known:
            raise UnknownNameError(
                "There is no scorecard of that name",
                value=scorecard,
                hint=suggest(scorecard, known) or f"there are {', '.join(known)}",
            )
        self._answers, self._carrier, self._windows = answers, carrier, windows
        self._scorecard = scorecard
        self._members: dict[tuple[int, str], bool] = {}
        self._directories: dict[int, Directory] = {}

    @property
    def kpis(self) -> list[KPI]:
        """The KPIs on the scorecard, or on any for the grain, that a replay measures."""
        config = self._answers.config
        cards = [
            card
            for name, card in config.scorecards.items()
            if self._carrier in card.carriers and self._scorecard in {None, name}
        ]
        named = dict.fromkeys(kpi for card in cards for kpi in card.kpis)
        measured = self._answers.registry.measured
        return [measured[kpi] for kpi in named if kpi in measured]

    def proposals(self, kpis: Iterable[KPI]) -> list[Proposal]:
        """Return a proposal for each KPI; those made of scorecards have none."""
        asked = [kpi for kpi in kpis if not isinstance(kpi.value, Composite)]
        return [propose(kpi, self.values(kpi), self.present(kpi)) for kpi in asked]

    def values(self, kpi: KPI) -> list[Fraction]:
        """Return every value that there was, subject by subject and period by period."""
        reader = self._answers.reader
        return [
            known
            for number, window in enumerate(self._windows)
            for value in reader.values(kpi, self._carrier, window)
            if (known := exact(value)) is not None and self._is_member(number, value.subject)
        ]

    def present(self, kpi: KPI) -> Goal | None:
        """Return the goal that held in the last period: the scorecard's, or the organisation's."""
        if not self._windows:
            return None
        config = self._answers.config_at(self._windows[-1].start)
        when = When.of(self._windows[-1])
        layers = [_entry(config, self._scorecard, kpi), config.kpis.get(kpi.id)]
        found = [goal for layer in layers if layer and (goal := layer.goal(when))]
        return plain(found[0][1]) if found else None

    def _is_member(self, number: int, subject: str) -> bool:
        """Tell whether a subject had the scorecard in a period."""
        if self._scorecard is None:
            return True
        key = number, subject
        if key not in self._members:
            window = self._windows[number]
            config = self._answers.config_at(window.start)
            whose = self._directory(number).subject(self._carrier, subject)
            card = config.scorecards.get(self._scorecard)
            mine = card and nearest(config.scorecards, whose, When.of(window), card.audience)
            self._members[key] = mine == self._scorecard
        return self._members[key]

    def _directory(self, number: int) -> Directory:
        if number not in self._directories:
            window = self._windows[number]
            reader = self._answers.reader.at(window)
            config = self._answers.config_at(window.start)
            self._directories[number] = Directory(reader, config, window)
        return self._directories[number]


def _entry(config: Config, scorecard: str | None, kpi: KPI) -> GoalSettings | None:
    card = config.scorecards.get(scorecard or "")
    return card.kpis.get(kpi.id) if card else None


def closed_windows(calendar: Calendar, kind: str, count: int, as_of: dt.datetime) -> list[Window]:
    """Return the last periods of a kind that were over at an instant, oldest first."""
    day = calendar.local_date(as_of)
    window = calendar.window(calendar.period_of(kind, day))
    found: list[Window] = []
    while len(found) < count:
        before = window.start - dt.timedelta(days=1)
        window = calendar.window(calendar.period_of(kind, before))
        found.append(window)
    return found[::-1]
