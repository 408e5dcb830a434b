"""A bakery whose definitions and config are applied, with a clock that tests set."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from kamengine.cli.context import App
from kamengine.courier.client import Courier
from kamengine.history.apply import applying, record
from kamengine.history.approval import Approval
from kamengine.history.changes import Changes, changes
from kamengine.history.definitions import Definitions, applied
from kamengine.history.ledger import before
from kamengine.history.plan import Plan, plan
from kamengine.history.publishing import publish
from kamengine.history.standpoint import Question, Standpoint
from kamengine.history.way import Asked
from kamengine.kpi import KPI, SubjectType
from kamengine.log.contract import NewEvent
from kamengine.plugins import Registry
from kamengine.value import Value
from tests.bakery import EVENT_TYPES, FEW, PROJECTIONS, Pack, at, registry_of

ORGANISATION = "name: Bakery\nreporting_currency: EUR\ntime_zone: UTC\n"
KPIS_YAML = "turnover:\n  target: {floor: 0, target: 100, stretch: 200}\n"
CARDS = "everybody:\n  for: [account, manager]\n  kpis:\n    turnover: 1\n"


def registry_with(*kpis: KPI) -> Registry:
    """Return the bakery's registry with these KPIs alone."""
    return registry_of(Pack(EVENT_TYPES, PROJECTIONS, kpis))


class Office:
    """A workspace in which things are applied."""

    def __init__(
        self, folder: Path, courier: Courier, registry: Registry | None = None, today: str = ""
    ) -> None:
        self.root = folder
        self.courier = courier
        self.registry = registry or registry_with(*FEW)
        self.now = at(today or "2026-03-01T12:00")
        (folder / "config").mkdir(parents=True, exist_ok=True)
        self.write(organisation=ORGANISATION, kpis=KPIS_YAML, scorecards=CARDS)

    def write(self, **files: str) -> None:
        """Write files of the config."""
        for name, text in files.items():
            (self.root / "config" / f"{name}.yaml").write_text(text)

    @property
    def app(self) -> App:
        """A run of its own, as every command is one."""
        return App(self.root, self.registry, clock=lambda: self.now)

    def on(self, day: str) -> Office:
        """Let it be another moment."""
        self.now = at(day)
        return self

    def deliver(self, *events: NewEvent) -> None:
        """Append events and replay."""
        app = self.app
        app.log.append(events)
        app.adopt()
        app.replayer(self.courier, quiet).replay(self.now)

    def plan(self, effective_from: dt.date | None = None) -> Plan:
        """Plan what is written."""
        app = self.app
        present, wanted = app.history.in_force(None), app.history.planned(effective_from)
        return plan(app.workspace, present, wanted, self.courier, quiet)

    def changes(self) -> Changes:
        """Compare what is written with what was applied."""
        app = self.app
        return changes(app.history.in_force(None), app.written)

    def apply(
        self,
        why: str = "because",
        after: Definitions | None = None,
        effective_from: dt.date | None = None,
        restores: str | None = None,
    ) -> None:
        """Apply what is written, and replay."""
        app = self.app
        wanted = after or app.history.planned(effective_from)
        approval = Approval("ada", why, self.now, effective_from, restores)
        with applying(app.workspace, "ada"):
            found = changes(app.history.in_force(None), wanted)
            record(app.log, found, wanted, approval)
            app.forget()
            app.replayer(self.courier, quiet).replay(self.now)

    def roll_back(self, apply: str | None = None) -> None:
        """Return to what was in force before, and replay."""
        app = self.app
        run, eras = before(app.log, apply)
        self.apply("back", applied(eras, app.registry, app.workspace.config_dir), restores=run)

    def publish(self, period: str) -> None:
        """Publish a period, and replay."""
        app = self.app
        publish(app.log, app.standpoint, period, Approval("ada", "the books", self.now))
        app.replayer(self.courier, quiet).replay(self.now)

    def at(self, **question: str) -> Standpoint:
        """Ask from another standpoint."""
        return self.app.history.at(Question(**question), lambda _: self.registry.kpis, self.now)

    def value(
        self, kpi: str, grain: SubjectType, period: str, subject: str, **question: str
    ) -> Value:
        """Ask for one value."""
        where = self.at(**question)
        known = where.definitions.registry.kpi(kpi)
        return where.answers.value(known, grain, where.window(period), subject)


def quiet(_stage: str, _done: int, _total: int) -> None:
    """Say nothing of how far it is."""


def asked(subject: str, period: str, kpi: str | None, grain: SubjectType = "account") -> Asked:
    """Return the number that is asked about."""
    return Asked(subject_type=grain, subject=subject, period=period, kpi=kpi)
