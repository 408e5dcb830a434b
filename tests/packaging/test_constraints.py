"""The lock: exact versions of everything that a new environment gets, and no addresses."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.docs.blocks import ROOT

LINES = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def locked() -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in (n.split("==") for n in LINES)}


def test_plain_names_and_versions() -> None:
    """Each line is a name and a version, in order, once: no address, no option, no comment."""
    assert [
        line for line in LINES if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][\w.!+]*", line)
    ] == []
    names = [canonicalize_name(line.split("==")[0]) for line in LINES]
    assert len(names) == len(set(names))
    assert names == sorted(names)


def test_complete(locked: dict[str, str]) -> None:
    """All that `make` installs, however indirectly, is locked to the version that is installed.

    Not so pip: it comes with Python, and installs the rest.
    """
    installed = _closure("kamengine", {"dev"})
    installed.pop("pip", None)
    assert len(installed) > len(PROJECT["project"]["dependencies"])
    assert {n: v for n, v in installed.items() if locked.get(n) != v} == {}


def test_what_builds_it_is_locked(locked: dict[str, str]) -> None:
    """The isolated environment that builds the package gets locked versions, too."""
    for requirement in map(Requirement, PROJECT["build-system"]["requires"]):
        assert locked[canonicalize_name(requirement.name)] in requirement.specifier


def test_every_declared_range_holds_the_lock(locked: dict[str, str]) -> None:
    """What pyproject.toml asks for allows what is locked."""
    project = PROJECT["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    for requirement in map(Requirement, declared):
        assert locked[canonicalize_name(requirement.name)] in requirement.specifier


def _closure(root: str, extras: set[str]) -> dict[str, str]:
    """Return every distribution that one needs, itself left out, with its installed version."""
    found: dict[str, str] = {}
    waiting: list[tuple[str, frozenset[str]]] = [(root, frozenset(extras))]
    seen = set(waiting)
    while waiting:
        name, wanted = waiting.pop()
        distribution = metadata.distribution(name)
        if name != root:
            found[canonicalize_name(name)] = distribution.version
        for requirement in map(Requirement, distribution.requires or ()):
            if _applies(requirement, wanted):
                item = (requirement.name, frozenset(requirement.extras))
                waiting += [] if item in seen else [item]
                seen.add(item)
    return found


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": e}) for e in extras or {""})
