"""From where a question is asked: which events were known, and which definitions hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from kamengine.config.files import recorded
from kamengine.config.folder import load_organisation
from kamengine.config.model import Config
from kamengine.errors import PeriodError, ReplayError
from kamengine.history import ledger
from kamengine.history.days import known_by
from kamengine.history.definitions import Definitions, applied, written
from kamengine.history.labels import labelled
from kamengine.history.ledger import InForce
from kamengine.history.past import Moment, look_back
from kamengine.log.instants import micros
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.periods import Calendar, Window
from kamengine.plugins import Registry
from kamengine.replay.book import Book, Head, instant
from kamengine.replay.opening import open_reader
from kamengine.replay.reading import Reader
from kamengine.replay.relaying import Overruled
from kamengine.scorecard.answers import Answers
from kamengine.workspace import Workspace

if TYPE_CHECKING:
    from kamengine.replay.staleness import Progress

KPIs = Callable[[Config], Collection[str]]
"""Says, for the config that holds, which KPIs are asked about."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a question leaves open is as it is at present.

    Attributes:
        as_known: A day: the log as it stood when that day ended.
        definition: The label of an older definition.
        as_of: The last day that counts in a period still open; as known, where it is left out.
    """

    as_known: str | None = None
    definition: str | None = None
    as_of: str | None = None

    @property
    def looks_back(self) -> bool:
        """Whether it takes another state than the present one to answer."""
        return self.as_known is not None or self.definition is not None

    @property
    def kpi(self) -> str | None:
        """The KPI whose older definition is asked for."""
        return self.definition.partition("@")[0] if self.definition else None


class Standpoint:
    """Where answers are given from.

    Args:
        definitions: What holds.
        reader: Reads the values.
        as_of: Where windows still open are cut, if not where the reader's head was.
    """

    def __init__(self, definitions: Definitions, reader: Reader, as_of: str | None = None) -> None:
        self.definitions = definitions
        self.reader = reader
        self.as_of = as_of

    @cached_property
    def answers(self) -> Answers:
        """Answers for every KPI, those that are made of scorecards included."""
        return Answers(self.reader, self.definitions.config, self.definitions.config_at)

    def window(self, period: str) -> Window:
        """Return a period's window, cut as this standpoint has it."""
        calendar = self.definitions.settings.calendar
        cut = instant(self.reader.head.as_of)
        return calendar.window(period, calendar.as_of(self.as_of, cut) if self.as_of else cut)


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One end of a question about a difference.

    Attributes:
        name: As people would call it.
        moment: What it knows.
        known: The instant (microseconds since 1970, UTC) up to which it knows the log.
        definitions: What holds there.
        label: The older definition of one KPI that holds instead.
    """

    name: str
    moment: Moment
    known: int
    definitions: Definitions
    label: str | None = None


class History:
    """A workspace's past, to ask questions of.

    Args:
        workspace: The folder.
        log: Its log.
        installed: What the loaded packs register now.
        progress: Told of each stage where a past state has to be made.
    """

    def __init__(
        self,
        workspace: Workspace,
        log: SQLiteEventLog,
        installed: Registry,
        progress: Progress = lambda _stage, _done, _total: None,
    ) -> None:
        self.workspace = workspace
        self.log = log
        self.installed = installed
        self.progress = progress
        self._applied: dict[tuple[tuple[str, dt.date | None], ...], Definitions] = {}

    def present(self) -> Standpoint:
        """Return where things stand: what was replayed last.

        Raises:
            ReplayError: Nothing was replayed yet.
        """
        head = Book(self.workspace.values_path).head()
        definitions = self.in_force(head.position if head else None)
        return Standpoint(definitions, open_reader(self.workspace, definitions.eras))

    def at(self, question: Question, kpis: KPIs, now: dt.datetime) -> Standpoint:
        """Return where a question is asked from.

        With an older definition, that KPI is answered by it, and any other as it was in force.

        Args:
            question: From where it is asked.
            kpis: Says which KPIs it asks about.
            now: The clock: no day can be asked for that hasn't begun.

        Raises:
            UnknownNameError: No definition with that label was applied.
            PeriodError: A day is none, or is yet to come.
            ReplayError: Nothing was replayed yet, or nothing was known then.
        """
        if not question.looks_back:
            return self.present()
        moment, definitions = self._moment(question, now)
        asked = {kpi for spell in definitions.spells for kpi in kpis(spell.config)}
        reader = self.reader(definitions, moment, asked)
        if question.definition is not None and question.kpi in asked:
            reader = self.overruled(reader, question.definition, moment)
        return Standpoint(definitions, reader, moment.as_of.isoformat())

    def endpoint(self, question: Question, now: dt.datetime) -> Endpoint:
        """Return one end of a question about a difference.

        Raises:
            UnknownNameError: No definition with that label was applied.
            PeriodError: A day is none, or is yet to come.
            ReplayError: Nothing was replayed yet, or nothing was known then.
        """
        if question.definition is not None:
            labelled(self.log, question.definition, self._definitions)
        moment, definitions = self._moment(question, now)
        known, name = now, question.definition or "now"
        if question.as_known is not None:
            known = definitions.settings.calendar.after(_day(question.as_known))
            name = " ".join(n for n in (question.definition, f"as known {question.as_known}") if n)
        return Endpoint(
            name=name,
            moment=moment,
            known=micros(known),
            definitions=definitions,
            label=question.definition,
        )

    def in_report(self, position: int, as_of: dt.datetime, recorded: dt.datetime) -> Endpoint:
        """Return the end of a question that is a report: what it knew, and what held then.

        Args:
            position: The last event that its values knew of.
            as_of: Where a period still open was cut.
            recorded: When it was published.
        """
        states = ledger.eras(self.log, position)
        definitions = self._definitions(states)
        day = definitions.settings.calendar.local_date(as_of - dt.timedelta(microseconds=1))
        apply = states[-1].apply if states else ""
        return Endpoint(
            name=f"reported {definitions.settings.calendar.local_date(recorded)}",
            moment=Moment(position=position, as_of=day, apply=apply),
            known=micros(recorded),
            definitions=definitions,
        )

    def in_force(self, position: int | None) -> Definitions:
        """Return what is in force at a position of the log; what is written, where nothing is."""
        return self._definitions(ledger.eras(self.log, position))

    def planned(self, effective_from: dt.date | None) -> Definitions:
        """Return what would be in force in every period, were it applied as it is written.

        Args:
            effective_from: Earlier periods keep what holds for them; None for all periods.

        Raises:
            ConfigError: Something can't be otherwise for some periods than for others.
        """
        from kamengine.history.apply import planned  # noqa: PLC0415 - it needs a parser

        present = ledger.eras(self.log)
        now, after = self._definitions(present), written(self.installed, self.workspace.config_dir)
        return planned(present, now, after, effective_from, self.installed)

    def _definitions(self, states: Sequence[InForce]) -> Definitions:
        folder = self.workspace.config_dir
        if not states:
            return written(self.installed, folder)
        named = tuple((state.apply, state.since) for state in states)
        if named not in self._applied:
            self._applied[named] = applied(states, self.installed, folder)
        return self._applied[named]

    def reader(self, definitions: Definitions, moment: Moment, kpis: Collection[str]) -> Reader:
        """Return a reader of a past state."""
        return look_back(self.workspace, definitions.eras, moment, kpis, self.progress)

    def overruled(self, reader: Reader, label: str, moment: Moment) -> Reader:
        """Return a reader that answers for one KPI by an older definition.

        Raises:
            UnknownNameError: No definition with that label was applied.
        """
        apply, era = labelled(self.log, label, self._definitions)
        kpi = label.partition("@")[0]
        older = msgspec.structs.replace(moment, apply=apply)
        made = look_back(self.workspace, [era], older, [kpi], self.progress)
        return Overruled(reader, kpi, made)

    def _moment(self, question: Question, now: dt.datetime) -> tuple[Moment, Definitions]:
        head = self._head()
        if question.as_known is None:
            states = ledger.eras(self.log, head.position)
            definitions = self._definitions(states)
            last = instant(head.as_of) - dt.timedelta(microseconds=1)
            day, position = definitions.settings.calendar.local_date(last), head.position
        else:
            day, position = self._known(question.as_known, now)
            applied_then = ledger.eras(self.log, position)
            first = None if applied_then else ledger.first(self.log)
            states = applied_then or ([first] if first else [])
            definitions = self._definitions(states)
            if pinned := definitions.settings.as_of:
                last_day = dt.date.fromisoformat(pinned)
                # nobody had pinned it yet where nothing was applied
                day = last_day if applied_then else min(day, last_day)
        if question.as_of is not None:
            day = _day(question.as_of)
        apply = states[-1].apply if states else ""
        return Moment(position=position, as_of=day, apply=apply), definitions

    def _known(self, text: str, now: dt.datetime) -> tuple[dt.date, int]:
        """Return a day, and the last event that was known when it ended."""
        day = _day(text)
        calendar = self.in_force(None).settings.calendar
        if day > calendar.local_date(now):
            raise PeriodError(
                "Nobody can tell what will be known then",
                value=text,
                hint=f"today is {calendar.local_date(now)}",
            )
        position = known_by(self.log, day, self._calendar_of, calendar)
        if position == 0:
            raise ReplayError(
                f"Nothing was known by {day}",
                where=str(self.workspace.root),
                hint="`kamengine events list --limit 1` shows the first event",
            )
        return day, position

    def _calendar_of(self, files: dict[str, str]) -> Calendar:
        """Return the calendar in a config that was recorded: where its days begin."""
        organisation = load_organisation(recorded(self.workspace.config_dir, files), self.installed)
        return Calendar(time_zone=ZoneInfo(organisation.time_zone))

    def _head(self) -> Head:
        return self.present().reader.head


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise PeriodError("This is no day", value=text, hint="write 2026-09-30") from error
