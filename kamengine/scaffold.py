"""A new pack: the starter that comes with kamengine, under another name."""

from __future__ import annotations

import keyword
import re
from importlib import resources, util
from pathlib import Path

from kamengine.errors import PluginError

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*")
PREFIX = "kam-"
STARTER = "kam-acme"


def make_pack(name: str, into: Path) -> list[Path]:
    """Write a complete package of a new pack, in a folder of its name.

    Args:
        name: The distribution's: ``kam-acme``. Its module is ``kam_acme``, and what is left
            without the prefix stands in the names of its event type, its projection and its KPI.
        into: Where the folder is made.

    Returns:
        The files that were written.

    Raises:
        PluginError: No package can have the name, or has it already; or the folder can't be made.
    """
    _check(name)
    root = into / name
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise PluginError(
            "There is something in this folder already",
            value=str(root),
            hint="choose another name, or another place with --into",
        )
    try:
        return [
            _write(root / _renamed(file, name), _renamed(text, name)) for file, text in _files()
        ]
    except OSError as error:
        raise PluginError(
            f"The pack can't be written: {error.strerror}", value=str(root)
        ) from error


def _check(name: str) -> None:
    module = name.replace("-", "_")
    if not NAME.fullmatch(name) or keyword.iskeyword(module):
        raise PluginError(
            "No pack can have this name",
            value=name,
            hint="write words of small letters and digits with hyphens between, as in kam-acme",
        )
    if util.find_spec(module) is not None:
        raise PluginError(
            "A package of this name is installed already", value=module, hint="choose another name"
        )


def _renamed(text: str, name: str) -> str:
    """Put a pack's names in the place of the starter's."""
    names = {
        STARTER: name,
        STARTER.replace("-", "_"): name.replace("-", "_"),
        STARTER.removeprefix(PREFIX): name.removeprefix(PREFIX).replace("-", "_"),
    }
    return re.sub("|".join(names), lambda found: names[found[0]], text)


def _write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def _files() -> list[tuple[str, str]]:
    """Return the starter's files, by their path in it."""
    with resources.as_file(resources.files("kamengine")) as package:
        installed, checkout = package / "starter", package.parent / "starter"
        source = (installed if installed.is_dir() else checkout) / STARTER
        return [
            (str(file.relative_to(source)), file.read_text(encoding="utf-8"))
            for file in sorted(source.rglob("*"))
            if file.is_file() and "__pycache__" not in file.parts
        ]
