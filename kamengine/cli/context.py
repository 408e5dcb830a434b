"""What every command starts from: the workspace, the packs, the log and the clock."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from kamengine.log.instants import Clock, utc_now
from kamengine.log.intake import Intake
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.plugins import Registry, load
from kamengine.workspace import Workspace, find_workspace


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
        return ZoneInfo("UTC")

    @cached_property
    def log(self) -> SQLiteEventLog:
        """The workspace's event log."""
        return SQLiteEventLog(self.workspace.log_path, self.clock)

    @cached_property
    def intake(self) -> Intake:
        """What validates events on their way into the log."""
        return Intake(self.registry, self.zone, self.clock)


pass_app = click.make_pass_decorator(App, ensure=True)
