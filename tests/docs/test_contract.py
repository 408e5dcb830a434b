"""The contract with packs: versioned, every change told, every hook with an example that works."""

from __future__ import annotations

import re
from itertools import pairwise
from types import ModuleType

import msgspec
import pytest

from docs.pages import hooks
from kamengine.api import API, Version, read_version
from kamengine.pack import KINDS
from kamengine.plugins import Registry
from kamengine.testing import cases, plugin
from kamengine.testing.story import Story
from tests.docs.blocks import ROOT

ENTRY = re.compile(r"^### (\S+) \(`(\w+)`\)\n\n((?:- .*\n(?:  .*\n)*)*)", re.MULTILINE)


@pytest.fixture(scope="module")
def entries() -> list[tuple[Version, str, str]]:
    """Version, fingerprint and text of each entry, newest first."""
    _, _, changes = (ROOT / "docs" / "contract.md").read_text("utf-8").partition("## Changes\n")
    found = [(read_version(v), mark, text) for v, mark, text in ENTRY.findall(f"{changes}\n")]
    assert len(found) == changes.count("### ")
    return found


def test_the_contract_changes_only_with_its_version(
    entries: list[tuple[Version, str, str]],
) -> None:
    """The newest entry is of the version offered, and of the hooks and declarations as they are."""
    version, mark, _ = entries[0]
    assert version == API
    assert mark == hooks.fingerprint(), (
        "the contract is another one: raise API in kamengine/api.py and say in docs/contract.md"
        " what changed (while a version is unreleased, mend its entry)"
    )


def test_every_change_of_the_contract_is_told(entries: list[tuple[Version, str, str]]) -> None:
    """Versions follow each other without a gap, each with what changed in it."""
    assert [text for _, _, text in entries if not text.startswith("- ")] == []
    assert len({mark for _, mark, _ in entries}) == len(entries)
    for (later, _, _), (earlier, _, _) in pairwise(entries):
        minor = Version(earlier.major, earlier.minor + 1)
        assert later in (minor, Version(earlier.major + 1, 0))
    assert entries[-1][0] == Version(1, 0)


def test_the_fingerprint_is_of_what_packs_rely_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another hook or another attribute makes another one; other prose doesn't."""
    before = hooks.fingerprint()
    monkeypatch.setattr(hooks, "INTRO", "Something else.")
    assert hooks.fingerprint() == before
    fewer = {title: found[:1] for title, found in hooks.DECLARATIONS.items()}
    monkeypatch.setattr(hooks, "DECLARATIONS", fewer)
    assert hooks.fingerprint() != before


def test_the_fingerprint_is_of_what_tests_of_packs_rely_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another fixture, another word of a story or of a case makes another one."""
    marks = [hooks.fingerprint()]
    monkeypatch.setattr(plugin, "kam_weather", None, raising=False)
    marks.append(hooks.fingerprint())
    monkeypatch.setattr(Story, "foretold", lambda self: self, raising=False)
    marks.append(hooks.fingerprint())
    monkeypatch.setattr(cases, "Case", msgspec.defstruct("Case", ["name"]))
    marks.append(hooks.fingerprint())
    assert len(set(marks)) == len(marks)


def test_every_hook_has_a_kind_and_every_kind_a_hook() -> None:
    """No hook is declared that nobody asks, and none is asked that isn't documented."""
    assert [kind.hook for kind in KINDS] == list(hooks.examples())


@pytest.mark.parametrize("hook", [kind.hook for kind in KINDS])
def test_the_example_of_every_hook_works(hook: str) -> None:
    """It is a module that implements the hook, states its version, and loads without a warning."""
    module = ModuleType(f"example_of_{hook}")
    text = hooks.examples()[hook]
    exec(compile(text, module.__name__, "exec"), module.__dict__)
    pack = Registry().add("example", module)
    assert pack.reason is None
    assert (pack.api, pack.warnings) == (str(API), ())
    (kind,) = (kind.name for kind in KINDS if kind.hook == hook)
    assert pack.provides == {kind: 1}


def test_a_declaration_of_every_kind_is_in_the_page() -> None:
    """What a hook returns is described where the hook is; click describes its commands itself."""
    described = {d for declarations in hooks.DECLARATIONS.values() for d in declarations}
    assert {kind.type.__name__ for kind in KINDS if kind.type not in described} == {"Command"}
