"""The version of the contract between the engine and its packs, and how parts of it go."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import msgspec

from kamengine.errors import PluginError

ATTRIBUTE = "kamengine_api"
"""The name under which a pack states the version that it was written for."""

_FORM = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)")


class Version(msgspec.Struct, frozen=True, order=True):
    """A version of the contract.

    Attributes:
        major: Raised where a pack written before may no longer work.
        minor: Raised by every other change: something was added, or is deprecated.
    """

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


API = Version(1, 0)
"""What this engine offers. docs/contract.md has an entry for every change."""

FIRST = Version(1, 0)
"""What a pack that states no version is taken to be written for."""


class ContractWarning(DeprecationWarning):
    """A pack relies on something that the next major version of the contract won't have."""


class UnstatedWarning(ContractWarning):
    """A pack doesn't say which version it was written for."""

    def __str__(self) -> str:
        return (
            f"it states no version of the plugin API and is taken as written for {FIRST}, as it"
            f' won\'t be from 2.0 on; add `{ATTRIBUTE} = "{API}"` to its module'
        )


def deprecation(what: str, *, since: str, gone: str, instead: str) -> ContractWarning:
    """Return the warning that something of the contract will go.

    Args:
        what: What goes: "the hook `kamengine_rules`".
        since: The minor version that deprecates it.
        gone: The major version without it.
        instead: What replaces it.

    Raises:
        PluginError: It would be gone in a version that takes nothing away.
    """
    last = read_version(gone)
    if last.minor or last <= read_version(since):
        raise PluginError("What is deprecated goes with a later major version", value=gone)
    return ContractWarning(
        f"{what} is deprecated since plugin API {since} and gone in {gone}; use {instead}"
    )


def read_version(stated: object) -> Version:
    """Read a version as packs state it.

    Raises:
        PluginError: It isn't written as a version.
    """
    found = _FORM.fullmatch(stated) if isinstance(stated, str) else None
    if found is None:
        raise PluginError(
            f"`{ATTRIBUTE}` must be a text of the form MAJOR.MINOR",
            value=stated,
            hint=f'write `{ATTRIBUTE} = "{API}"`',
        )
    return Version(int(found[1]), int(found[2]))


def check_version(version: Version) -> None:
    """Make sure that the engine keeps what a pack of a version relies on.

    Raises:
        PluginError: It was written for another major version, or for a later minor one.
    """
    if version.major == API.major and version.minor <= API.minor:
        return
    remedy = "upgrade kamengine"
    if version.major < API.major:
        remedy = f"install a version of it that is written for {API.major}.x"
    raise PluginError(
        f"It is written for plugin API {version}, and this kamengine offers {API}", hint=remedy
    )


def stated_in_source(module: str) -> Version | None:
    """Read the version out of a module's text, for a module that can't be imported.

    Whatever keeps it from being imported may come of the version that it is written for.
    """
    try:
        spec = importlib.util.find_spec(module)
        text = Path(spec.origin or "").read_text("utf-8") if spec else ""
        body = ast.parse(text).body
        stated = next((ast.literal_eval(n.value) for n in body if _states(n)), None)  # type: ignore[attr-defined]
        return None if stated is None else read_version(stated)
    except (ImportError, OSError, SyntaxError, ValueError, PluginError):
        return None


def _states(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == ATTRIBUTE for target in node.targets
    )
