"""A workspace: the folder that holds one organisation's config, log and derived files."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kamengine.errors import WorkspaceError


class Workspace(msgspec.Struct, frozen=True):
    """Where everything of one organisation lies.

    Attributes:
        root: The folder.
        derived: The folder of what may be deleted, where that isn't the workspace itself: a past
            state lies beside the present one.
    """

    root: Path
    derived: Path | None = None

    @property
    def config_dir(self) -> Path:
        """The YAML that people write."""
        return self.root / "config"

    @property
    def log_path(self) -> Path:
        """The event log, a SQLite file: the only truth."""
        return self.root / "events.db"

    @property
    def values_path(self) -> Path:
        """The values, a SQLite file; derived, may be deleted."""
        return (self.derived or self.root) / "values.db"

    @property
    def state_dir(self) -> Path:
        """Facts, projections and evidence as DuckDB files; derived, may be deleted."""
        return (self.derived or self.root) / "state"

    @property
    def past_dir(self) -> Path:
        """States of the past that somebody asked for; derived, may be deleted."""
        return self.root / "state" / "past"


def find_workspace(root: Path) -> Workspace:
    """Return the workspace in a folder.

    Raises:
        WorkspaceError: The folder isn't a workspace.
    """
    workspace = Workspace(root)
    if not (workspace.config_dir / "organisation.yaml").is_file():
        raise WorkspaceError(
            "This folder is no workspace, since it has no config/organisation.yaml",
            value=str(root),
            hint="make one with `kamengine init DIR`, or name one with -w",
        )
    return workspace
