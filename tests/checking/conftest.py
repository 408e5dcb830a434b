"""A new pack, broken on purpose in one place, and looked over."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from kamengine.checking.finding import Finding, Report
from kamengine.checking.gate import check_pack, examined
from kamengine.checking.subject import Subject
from kamengine.courier.client import Courier
from kamengine.plugins import Pack, Registry
from kamengine.scaffold import make_pack

Edit: TypeAlias = tuple[str, str, str]
"""A file's ending, what stands there, and what shall."""

Break: TypeAlias = Callable[..., tuple[Registry, Pack]]


@pytest.fixture(scope="session")
def courier() -> Iterator[Courier]:
    with Courier() as running:
        yield running


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Break]:
    """Make the starter's pack, edit it, and load it alone."""

    def make(*edits: Edit) -> tuple[Registry, Pack]:
        make_pack("kam-acme", tmp_path)
        for ending, old, new in edits:
            (file,) = (p for p in tmp_path.rglob("*") if str(p).endswith(ending))
            text = file.read_text("utf-8")
            assert old in text, (file, old)
            file.write_text(text.replace(old, new), encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path / "kam-acme"))
        registry = Registry()
        return registry, registry.add("kam_acme", importlib.import_module("kam_acme"))

    yield make
    for name in [name for name in sys.modules if name.partition(".")[0] == "kam_acme"]:
        del sys.modules[name]


@pytest.fixture
def look(broken: Break, courier: Courier) -> Callable[..., Report]:
    """Return what the gate says of a pack with some edits."""

    def looked(*edits: Edit) -> Report:
        return check_pack(*broken(*edits), courier)

    return looked


@pytest.fixture
def read(broken: Break) -> Callable[..., list[Finding]]:
    """Return what is found of a pack with some edits without computing anything."""

    def found(*edits: Edit) -> list[Finding]:
        registry, pack = broken(*edits)
        assert pack.status == "loaded", pack.reason
        return list(examined(Subject(registry, pack)))

    return found
