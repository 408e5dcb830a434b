"""What every command works with: the workspace, its packs and its config, made when needed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from kamengine.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from kamengine.config.model import Config
    from kamengine.plugins import Registry
    from kamengine.replay.reading import Reader
    from kamengine.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


class Desk:
    """The workspace that a command is about, and what belongs to it.

    Attributes:
        root: The workspace's folder.
        debug: Whether to show what goes on.
    """

    def __init__(self, root: Path = Path(), *, debug: bool = False) -> None:
        self.root = root
        self.debug = debug

    @property
    def now(self) -> dt.datetime:
        """The clock."""
        return dt.datetime.now(dt.UTC)

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace."""
        return find_workspace(self.root)

    @cached_property
    def registry(self) -> Registry:
        """Everything that the installed packs register."""
        from kamengine import plugins

        return plugins.load()

    @cached_property
    def config(self) -> Config:
        """The workspace's config."""
        from kamengine.config.folder import load

        return load(self.workspace.config_dir, self.registry)

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

    def as_of(self, text: str | None) -> dt.datetime:
        """Return where windows still open are cut: as asked, as configured, or by the clock."""
        return self.settings.calendar.as_of(text or self.settings.as_of, self.now)


def _remember_root(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Desk).root = value


def _remember_debug(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Desk).debug = True


def in_workspace(command: Command) -> Command:
    """Give a command ``-w/--workspace`` and ``--debug``, and the desk as its first argument."""
    workspace = click.option(
        "-w",
        "--workspace",
        type=click.Path(path_type=Path),
        envvar="KAMENGINE_WORKSPACE",
        show_envvar=True,
        expose_value=False,
        callback=_remember_root,
        help="The workspace's folder; the current one where left out.",
    )
    debug = click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_remember_debug,
        help="Show tracebacks.",
    )
    return cast("Command", workspace(debug(click.pass_obj(command))))
