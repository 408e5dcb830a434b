"""An organisation that plays days of steps, and keeps every answer that it gave."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec

from kamengine.config.section import Carrier
from kamengine.courier.client import Courier
from kamengine.errors import ConfigError, KamengineError, PeriodError, UnknownNameError
from kamengine.history.approval import Approval
from kamengine.history.changes import changes
from kamengine.history.definitions import Definitions, applied
from kamengine.history.ledger import appliances
from kamengine.history.ledger import before as held_before
from kamengine.history.publishing import close, reported
from kamengine.history.standpoint import Question, Standpoint
from kamengine.kpi import KPI, SUBJECT_TYPES, SubjectType
from kamengine.log.contract import NewEvent
from kamengine.periods import Calendar, Window
from kamengine.scorecard.rows import document
from kamengine.value import Value
from tests.amending import AMENDING, amendment
from tests.history import steps
from tests.history.brittle import BrittleOffice
from tests.history.office import quiet
from tests.history.steps import (
    Amend,
    BreakOff,
    Day,
    Deliver,
    Publish,
    Replay,
    Return,
    Step,
    Telling,
    Turn,
)
from tests.history.wordings import KPIS, Wording, config_of, registry_of, reworded

PERIODS = ("2026-01", "2026-02", "2026-03", "2026-Q1", "2026")
CARRIED: tuple[Carrier, ...] = ("account", "manager")

EXPLAINED: tuple[tuple[str, SubjectType, str, str], ...] = (
    ("touch_minutes", "account", "acme", "2026-01"),
    ("nps", "manager", "kim", "2026-Q1"),
    ("customer_churn_rate", "organisation", "organisation", "2026-02"),
    ("minutes_a_win", "organisation", "organisation", "2026"),
)

Asked: TypeAlias = tuple[str, ...]
Told: TypeAlias = dict[Asked, bytes]
"""What was asked, to the answer as bytes."""

CONFLICTING = ("The calendar holds for all periods", "can't hold before")
"""Why an apply from a day on may be refused; whoever wrote it takes it back."""

UNPUBLISHABLE = ("is closed", "hasn't ended", "hasn't begun", "Nobody has a scorecard")
"""Why a period may be refused."""


@contextlib.contextmanager
def unless_refused(*words: str) -> Iterator[None]:
    """Go on where something is refused, for one of the reasons for which it may be."""
    try:
        yield
    except KamengineError as error:
        if not any(reason in error.what for reason in words):
            raise


class Chronicle:
    """Plays a history step by step.

    Args:
        folder: An empty one.
        courier: Carries rows.
    """

    def __init__(self, folder: Path, courier: Courier) -> None:
        self.wording = Wording()
        self.office = BrittleOffice(
            folder, courier, registry_of(self.wording), today="2026-01-10T09:00"
        )
        self.office.write(**config_of(self.wording))
        self.events: list[NewEvent] = []

    def play(self, days: list[Day]) -> Iterator[str]:
        """Take the steps of some days; yield each day in the evening, when all is replayed.

        Where days begin may move, and then it may be a day once more that was over: what was
        known on it is what was known when it ended first.
        """
        told, latest = dt.date.min, dt.date.min
        for day in days:
            for step in day.steps:
                latest = max(latest, self.today)
                self.take(step)
            self.replay()
            if told < self.today >= latest:
                told = self.today
                yield str(told)
            morning = self.calendar.midnight(self.today + dt.timedelta(days=day.nights))
            self.office.now = morning + dt.timedelta(hours=day.hour)

    @property
    def calendar(self) -> Calendar:
        """The calendar in force."""
        return self.office.app.history.in_force(None).settings.calendar

    @property
    def today(self) -> dt.date:
        """The day that it is where the organisation is."""
        return self.calendar.local_date(self.office.now)

    def take(self, step: Step) -> None:
        """Take a step."""
        match step:
            case Deliver(tellings):
                self._deliver(tellings)
            case Amend():
                self._amend(step)
            case Turn():
                self._turn(step)
            case Return(to):
                self._return(to)
            case Publish(period, closing):
                self._publish(period, closing=closing)
            case Replay(kind):
                self.replay(kind)
            case BreakOff(doing, after):
                with self.office.killed(after):
                    self.take(doing)

    def ask(self, **question: str) -> Told:
        """Return the answers to everything that these histories ask, as bytes."""
        return self._told(self.standpoint(**question))

    def standpoint(self, **question: str) -> Standpoint:
        """Return where a question about all KPIs is asked from."""
        return self.office.app.history.at(Question(**question), lambda _: KPIS, self.office.now)

    def by_label(self, label: str, **question: str) -> Told:
        """Return the values of a KPI by an older definition, which carry its label."""
        where, kpi_id = self.standpoint(definition=label, **question), label.partition("@")[0]
        older = where.reader.older(kpi_id)
        assert older is not None
        found: Told = {}
        for period, window in _windows(where):
            for grain in SUBJECT_TYPES if older.book.holds(window) else ("manager",):
                with unless_refused("hasn't begun"):  # where years began then
                    kpi = older.registry.kpi(kpi_id)
                    values = where.answers.values(kpi, grain, window)
                    assert {value.definition for value in values} <= {label}
                    found["values", kpi_id, grain, period] = msgspec.json.encode(values)
        return found

    def _told(self, where: Standpoint) -> Told:
        found: dict[Asked, object] = {}
        for period, window in _windows(where):
            kept = where.reader.book.holds(window)
            for kpi in _kpis(where, window.start):
                # what isn't kept ready takes a while
                for grain in SUBJECT_TYPES if kept else ("manager",):
                    values = where.answers.values(kpi, grain, window)
                    found["values", kpi.id, grain, period] = values
            if kept:
                found |= self._carded(where, period, window)
        for asked in EXPLAINED:
            found |= _explained(where, *asked)
        return {asked: msgspec.json.encode(answer) for asked, answer in found.items()}

    def _carded(self, where: Standpoint, period: str, window: Window) -> dict[Asked, object]:
        found: dict[Asked, object] = {}
        for carrier in CARRIED:
            cards = where.answers.scorecards(carrier, window)
            found["scorecards", carrier, period] = [document(card) for card in cards]
        upto = where.reader.head.position
        found["reported", period] = list(reported(self.office.app.log, period, upto=upto))
        return found

    def at_once(self, folder: Path) -> Chronicle:
        """Return another workspace, in which the log is replayed in one go."""
        other = Chronicle(folder, self.office.courier)
        shutil.copyfile(self.office.app.workspace.log_path, other.office.app.workspace.log_path)
        other.write(self.wording)
        other.office.now = self.office.now
        other.replay()
        return other

    def book(self) -> dict[str, list[tuple[object, ...]]]:
        """Return every row of the book that a replay makes."""
        with sqlite3.connect(self.office.app.workspace.values_path) as connection:
            return {
                table: connection.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2, 3, 4').fetchall()
                for table in ("values", "definitions", "windows")
            }

    def labels(self) -> set[str]:
        """Return every label that was applied."""
        runs = appliances(self.office.app.log)
        return {d.label for run in runs for d in run.definitions if d.label}

    def _deliver(self, tellings: tuple[Telling, ...]) -> None:
        for telling in tellings:
            name = f"e{len(self.events):03d}"
            version = self.wording.survey
            self.events.append(steps.told(telling, name, self.office.now, version))
        self.office.app.log.append(self.events[-len(tellings) :])

    def _amend(self, step: Amend) -> None:
        amendments = [e for e in self.events if e[1] in AMENDING]
        stated = [e for e in self.events if e[1] not in AMENDING]
        candidates = amendments if step.kind == "retract an amendment" else stated
        if not candidates:
            return
        target, name = candidates[step.of % len(candidates)], f"e{len(self.events):03d}"
        data: dict[str, object] = {}
        kind = "event.retracted"
        if step.kind == "correct":
            kind, data = "event.corrected", {"data": _other_payload(target, step)}
        told = amendment(name, kind, target, **json.loads(json.dumps(data, default=str)))
        self.events.append(told)
        self.office.app.log.append([told])

    def _turn(self, turn: Turn) -> None:
        self.office.app.adopt()
        before = self.wording
        self.write(reworded(before, turn.changes))
        try:
            wanted = self.office.app.history.planned(turn.since)
        except ConfigError as error:
            if not any(reason in error.what for reason in CONFLICTING):
                raise
            self.write(before)
            return
        if turn.planned:  # what it derives stays in the file that is worked on
            self.replay()
            assert self.office.plan(turn.since).problems == {}
        self._apply(wanted, turn.since)

    def write(self, wording: Wording) -> None:
        """Let packs and YAML say something else."""
        self.wording = wording
        self.office.registry = registry_of(wording)
        self.office.write(**config_of(wording))

    def _return(self, to: int) -> None:
        app = self.office.app
        runs = appliances(app.log)
        if not runs:
            return
        run, eras = held_before(app.log, runs[to % len(runs)].id)
        self._apply(applied(eras, app.registry, app.workspace.config_dir), restores=run)

    def _apply(
        self, wanted: Definitions, since: dt.date | None = None, restores: str | None = None
    ) -> None:
        """Put something into force, unless it is in force already."""
        app = self.office.app
        if changes(app.history.in_force(None), wanted):
            self.office.apply("because", wanted, since, restores)

    def _publish(self, period: str, *, closing: bool) -> None:
        self.replay()
        with unless_refused(*UNPUBLISHABLE):
            self.office.publish(period)
            if closing:
                close(self.office.app.log, period, Approval("ada", "", self.office.now))
                self.replay()

    def replay(self, kind: str = "catch up") -> None:
        """Replay, and apply what is written where nothing was applied yet."""
        app = self.office.app
        app.adopt()
        replayer = app.replayer(self.office.courier, quiet)
        account = None
        if kind == "account" and replayer.book.head():
            account = next((e[3] for e in self.events if e[3]), None)
        replayed = replayer.replay(self.office.now, full=kind == "full", account=account)
        assert replayed.parked == {}


def labelled(told: Told) -> dict[str, Told]:
    """Return the labels that values carried, each with the answers that had it."""
    found: dict[str, Told] = {}
    for asked, answer in told.items():
        if asked[0] == "values":
            for value in msgspec.json.decode(answer, type=list[Value]):
                found.setdefault(value.definition, {})[asked] = answer
    return found


def _explained(
    where: Standpoint, kpi_id: str, grain: SubjectType, subject: str, period: str
) -> dict[Asked, object]:
    window = dict(_windows(where)).get(period)
    known = {kpi.id: kpi for kpi in _kpis(where, window.start)} if window else {}
    if window is None or kpi_id not in known:
        return {}
    found = where.reader.explain(known[kpi_id], grain, window, subject)
    return {("explain", kpi_id, grain, subject, period): found}


def _windows(where: Standpoint) -> list[tuple[str, Window]]:
    found = []
    for period in PERIODS:
        try:
            found.append((period, where.window(period)))
        except PeriodError:  # it hasn't begun
            continue
    return found


def _kpis(where: Standpoint, day: dt.date) -> list[KPI]:
    found = []
    for kpi in KPIS:
        try:
            found.append(where.definitions.kpi(kpi, day))
        except UnknownNameError:
            continue
    return found


def _other_payload(target: NewEvent, step: Amend) -> dict[str, object]:
    kind = next(k for k, name in steps.KINDS.items() if name == target[1])
    account = 0 if target[3] is None else steps.ACCOUNTS.index(target[3])
    day = step.one * 3
    return steps.payload(Telling(kind, account, 0, day, step.one, step.two), target[2])
