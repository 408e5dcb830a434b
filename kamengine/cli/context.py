"""What every command starts from: the workspace, the packs, the log and the clock."""

from __future__ import annotations

import datetime as dt
import getpass
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from zoneinfo import ZoneInfo

import click

from kamengine.log.instants import Clock, utc_now
from kamengine.log.intake import Intake
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry, load
from kamengine.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from kamengine.config.model import Config
    from kamengine.courier.client import Courier
    from kamengine.history.definitions import Definitions
    from kamengine.replay.reading import Reader
    from kamengine.replay.replay import Replayer
    from kamengine.replay.staleness import Progress
    from kamengine.scorecard.answers import Answers
    from kamengine.settings import Settings

FIRST = "the first replay of this workspace"

Command = TypeVar("Command", bound=Callable[..., Any])


class App:
    """One run of the command line; each part is made when a command first asks for it.

    Args:
        root: The folder of the workspace.
        registry: The packs; found by their entry points where it is left out.
        clock: Tells the present instant.
    """

    def __init__(
        self, root: Path | None = None, registry: Registry | None = None, clock: Clock = utc_now
    ) -> None:
        self.root = root or Path()
        self.clock = clock
        self._registry = registry

    @cached_property
    def registry(self) -> Registry:
        """Everything that the loaded packs registered."""
        return self._registry or load()

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
    def definitions(self) -> Definitions:
        """What the values that readers see rest on; what is written, where nothing was applied."""
        from kamengine.replay.book import Book

        head = Book(self.workspace.values_path).head()
        return self.in_force(head.position if head else None)

    def in_force(self, position: int | None) -> Definitions:
        """Return what is in force at a position of the log; what is written, where nothing is."""
        from kamengine.history.definitions import applied
        from kamengine.history.ledger import eras

        found = eras(self.log, position)
        if not found:
            return self.written
        return applied(found[-1], self.registry, self.workspace.config_dir)

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
        from kamengine.replay.reading import Reader

        return Reader(self.workspace, self.definitions.registry, self.settings)

    @cached_property
    def answers(self) -> Answers:
        """Answers for every KPI, those that are made of scorecards included."""
        from kamengine.scorecard.answers import Answers

        return Answers(self.reader, self.config)

    def drift(self) -> list[str]:
        """Name what packs and YAML say otherwise than it was applied."""
        from kamengine.history.changes import drift

        latest = self.in_force(None)
        return [] if latest is self.written else drift(latest, self.written)

    def adopt(self) -> int:
        """Put what is written into force where nothing is yet; return how many definitions."""
        from kamengine.history.apply import Approval, adopt

        by = getpass.getuser()
        count = adopt(self.workspace, self.log, self.written, Approval(by, FIRST, self.clock()))
        self.forget()
        return count

    def replayer(self, courier: Courier, progress: Progress) -> Replayer:
        """Return what replays the log by the definitions that it says are in force."""
        from kamengine.replay.replay import Replayer

        def in_force(position: int) -> tuple[Registry, Settings]:
            found = self.in_force(position)
            return found.registry, found.settings

        found = self.in_force(None)
        return Replayer(self.workspace, found.registry, found.settings, courier, progress, in_force)

    def forget(self) -> None:
        """Ask anew what is in force: it was changed by this run itself."""
        for name in ("written", "definitions", "config", "settings", "reader", "answers"):
            self.__dict__.pop(name, None)

    def as_of(self, text: str | None) -> dt.datetime:
        """Return where windows still open are cut: as asked, as configured, or by the clock."""
        return self.settings.calendar.as_of(text or self.settings.as_of, self.clock())

    @cached_property
    def log(self) -> SQLiteEventLog:
        """The workspace's event log."""
        return SQLiteEventLog(self.workspace.log_path, self.clock)

    @cached_property
    def intake(self) -> Intake:
        """What validates events on their way into the log."""
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
