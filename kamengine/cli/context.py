"""What every command starts from: the workspace, the packs, the log and the clock."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from zoneinfo import ZoneInfo

import click

from kamengine.log.instants import Clock, utc_now
from kamengine.plugins import Registry
from kamengine.replay.steps import OnStep, unheeded
from kamengine.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from kamengine.config.model import Config
    from kamengine.courier.client import Courier
    from kamengine.history.approval import Approval
    from kamengine.history.definitions import Definitions
    from kamengine.history.standpoint import History, KPIs, Question, Standpoint
    from kamengine.log.intake import Intake
    from kamengine.log.sqlite import SQLiteEventLog
    from kamengine.replay.era import Era
    from kamengine.replay.reading import Reader
    from kamengine.replay.replay import Replayer
    from kamengine.replay.staleness import Progress
    from kamengine.scorecard.answers import Answers
    from kamengine.settings import Settings

FIRST = "the first replay of this workspace"

STATED = ("written", "standpoint", "definitions", "config", "settings", "reader", "answers")
"""What a run found out and its own doing makes untrue."""

Command = TypeVar("Command", bound=Callable[..., Any])


class App:
    """One run of the command line; each part is made when a command first asks for it.

    Args:
        root: The folder of the workspace.
        registry: The packs; found by their entry points where it is left out.
        clock: Tells the present instant.
        log_level: What packs may log.
        on_step: Told of each step of an apply or a replay as it is done.
    """

    def __init__(
        self,
        root: Path | None = None,
        registry: Registry | None = None,
        clock: Clock = utc_now,
        log_level: str = "warning",
        on_step: OnStep = unheeded,
    ) -> None:
        self.root = root or Path()
        self.log_level = log_level
        self.clock = clock
        self.on_step = on_step
        self.looks_back = False
        self._registry = registry

    @cached_property
    def registry(self) -> Registry:
        """Everything that the loaded packs registered."""
        from kamengine.cli import COMMANDS, logs
        from kamengine.cli.output import FORMATS
        from kamengine.replay.vouching import load_vouched

        taken = {"commands": COMMANDS, "output formats": FORMATS}
        registry = self._registry or load_vouched(self.root, taken)
        logs.configure(self.log_level)
        return registry

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace; a `WorkspaceError` where the folder is none."""
        return find_workspace(self.root)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which the organisation's days start."""
        from kamengine.config.folder import load_organisation

        organisation = load_organisation(self.workspace.config_dir, self.registry)
        return ZoneInfo(organisation.time_zone)

    @cached_property
    def written(self) -> Definitions:
        """What the loaded packs and the config folder say now, applied or not."""
        from kamengine.history.definitions import written

        return written(self.registry, self.workspace.config_dir)

    @cached_property
    def history(self) -> History:
        """The workspace's past, to ask questions of."""
        from kamengine.history.standpoint import History

        return History(self.workspace, self.log, self.registry)

    @cached_property
    def standpoint(self) -> Standpoint:
        """From where questions are asked: what was replayed last, or a past that was chosen."""
        return self.history.present()

    @cached_property
    def definitions(self) -> Definitions:
        """What the values that readers see rest on; what is written, where nothing was applied."""
        from kamengine.replay.book import Book

        if "standpoint" in self.__dict__:
            return self.standpoint.definitions
        head = Book(self.workspace.values_path).head()
        return self.history.in_force(head.position if head else None)

    @cached_property
    def config(self) -> Config:
        """The config in force."""
        return self.definitions.config

    @cached_property
    def settings(self) -> Settings:
        """What of the config in force decides values."""
        return self.definitions.settings

    @cached_property
    def reader(self) -> Reader:
        """The values as last replayed."""
        return self.standpoint.reader

    @cached_property
    def answers(self) -> Answers:
        """Answers for every KPI, those that are made of scorecards included."""
        return self.standpoint.answers

    @property
    def applied(self) -> bool:
        """Whether anything was ever put into force."""
        from kamengine.history.ledger import begun

        return begun(self.log)

    def drift(self) -> list[str]:
        """Name what packs and YAML say otherwise than it was applied."""
        from kamengine.history.drift import drift

        return drift(self.history.in_force(None), self.written)

    def adopt(self, approval: Approval | None = None) -> int:
        """Put what is written into force where nothing is yet; return how many definitions.

        Args:
            approval: Who says so, and why; else the user of this machine, as a first replay does.
        """
        from kamengine.history.apply import adopt
        from kamengine.history.approval import Approval

        approval = approval or Approval(getpass.getuser(), FIRST, self.clock())
        count = adopt(self.workspace, self.log, self.written, approval, self.on_step)
        self.forget()
        return count

    def replayer(self, courier: Courier, progress: Progress) -> Replayer:
        """Return what replays the log by the definitions that it says are in force."""
        from kamengine.replay.replay import Replayer

        def in_force(position: int) -> Sequence[Era]:
            return self.history.in_force(position).eras

        found = self.history.in_force(None)
        registry, settings = found.registry, found.settings
        return Replayer(
            self.workspace, registry, settings, courier, progress, in_force, self.on_step
        )

    def forget(self) -> None:
        """Ask anew what is in force: it was changed by this run itself."""
        for name in STATED:
            self.__dict__.pop(name, None)

    def as_of(self, text: str | None) -> dt.datetime:
        """Return where windows still open are cut: as asked, as configured, or by the clock."""
        chosen = self.standpoint.as_of if "standpoint" in self.__dict__ else None
        day = text or chosen or self.settings.as_of
        return self.settings.calendar.as_of(day, self.clock())

    def look_back(self, question: Question, kpis: KPIs) -> None:
        """Answer from here on as if it were another day, or by an older definition.

        Args:
            question: From where it is asked.
            kpis: Says which KPIs it asks about, by the config that holds there.
        """
        if not question.looks_back:
            return
        from kamengine.cli.replay import progress_bar

        with progress_bar() as progress:
            self.history.progress = progress
            found = self.history.at(question, kpis, self.clock())
        self.forget()
        self.standpoint = found
        self.looks_back = True

    @cached_property
    def log(self) -> SQLiteEventLog:
        """The workspace's event log."""
        from kamengine.log.sqlite import SQLiteEventLog

        return SQLiteEventLog(self.workspace.log_path, self.clock)

    @cached_property
    def intake(self) -> Intake:
        """What validates events on their way into the log."""
        from kamengine.log.intake import Intake

        return Intake(self.registry, self.zone, self.clock)


def pass_app(command: Command) -> Command:
    """Give a command the run as its first argument, and ``-w`` and ``--debug`` behind its name.

    Both may stand before the command's name as well.
    """
    workspace = click.option(
        "-w",
        "--workspace",
        type=click.Path(path_type=Path),
        expose_value=False,
        callback=_move,
        help="The workspace's folder; else KAMENGINE_WORKSPACE, else the current one.",
    )
    debug = click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_look_closer,
        help="Show the traceback of a failure.",
    )
    passing = click.make_pass_decorator(App, ensure=True)
    return cast("Command", workspace(debug(passing(command))))


def _move(ctx: click.Context, _: click.Parameter, root: Path | None) -> None:
    if root is not None:
        ctx.ensure_object(App).root = root


def _look_closer(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        ctx.find_root().params["debug"] = True
