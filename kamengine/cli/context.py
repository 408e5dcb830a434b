"""What every command starts from: the workspace, the packs, the log and the clock."""

from __future__ import annotations

import datetime as dt
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
    from kamengine.replay.reading import Reader
    from kamengine.scorecard.answers import Answers
    from kamengine.settings import Settings

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
        from kamengine.cli import COMMANDS
        from kamengine.cli.output import FORMATS

        return self._registry or load({"commands": COMMANDS, "output formats": FORMATS})

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
    def config(self) -> Config:
        """The workspace's config."""
        from kamengine.config.folder import load as load_config

        return load_config(self.workspace.config_dir, self.registry)

    @cached_property
    def settings(self) -> Settings:
        """What of the config decides values."""
        from kamengine.config.engine import settings_of

        return settings_of(self.config, self.registry)

    @cached_property
    def reader(self) -> Reader:
        """The values as last replayed."""
        from kamengine.replay.reading import Reader

        return Reader(self.workspace, self.registry, self.settings)

    @cached_property
    def answers(self) -> Answers:
        """Answers for every KPI, those that are made of scorecards included."""
        from kamengine.scorecard.answers import Answers

        return Answers(self.reader, self.config)

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
