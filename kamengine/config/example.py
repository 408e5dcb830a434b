"""The example organisation that comes with kamengine."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path

import kamengine
from kamengine.errors import WorkspaceError

_UNPINNED = "# as_of: 2026-06-30"


def copy_example(root: Path, *, as_of: dt.date | None = None) -> list[Path]:
    """Make a workspace in a folder: the example's config, and nothing else.

    Args:
        root: A folder that is empty or doesn't exist.
        as_of: The day to pin "now" to, for a history that stands still.

    Returns:
        The files that were written.

    Raises:
        WorkspaceError: The folder holds something already, or can't be written to.
    """
    try:
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            hint = "name a folder that is empty or doesn't exist yet"
            raise WorkspaceError(
                "A new workspace needs an empty folder", value=str(root), hint=hint
            )
        return [_write(root / "config" / name, text, as_of) for name, text in _files().items()]
    except OSError as error:
        what = f"The workspace can't be written: {error.strerror}"
        raise WorkspaceError(what, value=str(root), hint="check its permissions") from error


def _write(file: Path, text: str, as_of: dt.date | None) -> Path:
    if as_of:
        text = text.replace(_UNPINNED, f"as_of: {as_of}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def _files() -> dict[str, str]:
    """Return the example's files by their path in the config folder."""
    with resources.as_file(resources.files(kamengine)) as package:
        installed, checkout = package / "example", package.parent / "config"
        source = installed if installed.is_dir() else checkout
        return {
            str(file.relative_to(source)): file.read_text(encoding="utf-8")
            for file in sorted(source.rglob("*.*"))
            if file.suffix in {".yaml", ".json"}
        }
