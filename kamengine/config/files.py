"""The files of a config folder, as they lie there or as the log recorded them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kamengine.errors import ConfigError

SUFFIXES = frozenset({".yaml", ".yml"})


class ConfigFiles(msgspec.Struct, frozen=True, kw_only=True):
    """A config folder's files.

    Attributes:
        folder: Where they lie, or lay.
        contents: Path in the folder, with ``/``, to what is in the file.
    """

    folder: Path
    contents: dict[str, bytes]

    def has(self, file: Path) -> bool:
        """Tell whether there is such a file."""
        return self._name(file) in self.contents

    def read(self, file: Path) -> bytes:
        """Return what is in a file."""
        return self.contents[self._name(file)]

    def inside(self, folder: Path) -> list[Path]:
        """Return the files that lie in a folder itself, in the order of their names."""
        files = (self.folder / name for name in self.contents)
        return sorted(file for file in files if file.parent == folder)

    def texts(self) -> dict[str, str]:
        """Return the files' contents as text, as the log records them."""
        return {name: content.decode() for name, content in sorted(self.contents.items())}

    def _name(self, file: Path) -> str:
        return file.relative_to(self.folder).as_posix()


def gather(folder: Path) -> ConfigFiles:
    """Read the YAML files of a folder and of the folders in it.

    Raises:
        ConfigError: One of them can't be read.
    """
    found = sorted((*folder.glob("*"), *folder.glob("*/*")))
    files = [file for file in found if file.suffix in SUFFIXES]
    contents = {file.relative_to(folder).as_posix(): _bytes(file) for file in files}
    return ConfigFiles(folder=folder, contents=contents)


def recorded(folder: Path, texts: dict[str, str]) -> ConfigFiles:
    """Return the files that the log recorded."""
    contents = {name: text.encode() for name, text in texts.items()}
    return ConfigFiles(folder=folder, contents=contents)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        what = f"This file can't be read: {error.strerror}"
        raise ConfigError(what, where=str(file), hint="check its kind and permissions") from error
