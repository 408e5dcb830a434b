"""The generated pages say what the code says, and leave nothing out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from docs import generate
from kamengine import hookspecs
from kamengine.checking.checks import CHECKS
from kamengine.cli import main
from tests.docs.blocks import ROOT


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Every page, written by a process of its own: click remembers options from test to test."""
    folder = tmp_path_factory.mktemp("pages")
    done = generated(folder)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def generated(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "docs.generate", "--folder", str(folder), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_pages_are_in_step(pages: dict[str, str]) -> None:
    """No page has to be written anew."""
    assert len(pages) == 7
    assert generate.stale(ROOT / "docs", pages) == []


def test_the_check_names_what_is_out_of_step(tmp_path: Path, pages: dict[str, str]) -> None:
    """A page that was edited and one that is missing fail the check by name; nothing is written."""
    for name, text in pages.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "cli.md").write_text("# Something else\n")
    (tmp_path / "kpis.md").unlink()
    found = generated(tmp_path, "--check")
    assert found.returncode == 1
    named = [line.split()[0] for line in found.stderr.splitlines()]
    assert named == ["docs/cli.md", "docs/kpis.md"]
    assert not (tmp_path / "kpis.md").exists()


def test_the_check_is_content_with_what_was_written(tmp_path: Path) -> None:
    """Pages just written are in step, and writing them again writes none."""
    assert generated(tmp_path).stdout.count("wrote") == 7
    assert generated(tmp_path, "--check").returncode == 0
    assert generated(tmp_path).stdout == ""


def test_every_command_is_in_the_page(pages: dict[str, str]) -> None:
    """No command goes without its help, however deep it lies."""
    assert set(_paths(main, "kamengine")) == _headings(pages["cli.md"])


def test_every_hook_is_in_the_page(pages: dict[str, str]) -> None:
    """No hook goes without its signature."""
    hooks = [name for name in vars(hookspecs) if name.startswith("kamengine_")]
    assert hooks
    assert [hook for hook in hooks if f"def {hook}(" not in pages["hooks.md"]] == []


def test_every_check_is_in_the_page(pages: dict[str, str]) -> None:
    """No check goes without the badge that it is for."""
    section = {name: text for name, _, text in map(_parted, pages["checks.md"].split("\n## For "))}
    assert [c.name for c in CHECKS if f"| `{c.name}` |" not in section[c.badge]] == []


def test_every_attribute_has_a_meaning(pages: dict[str, str]) -> None:
    """No attribute of a declaration goes undocumented."""
    rows = [line for line in pages["hooks.md"].splitlines() if line.startswith("| `")]
    assert [row for row in rows if row.endswith(("| None |", "|  |"))] == []


def test_every_definition_is_in_a_page(pages: dict[str, str]) -> None:
    """No event type, projection or KPI that ships goes without an entry."""
    registry = generate.shipped()
    assert registry.event_types.keys() <= _headings(pages["events.md"])
    assert registry.projections.keys() <= _headings(pages["projections.md"])
    assert registry.kpis.keys() <= _headings(pages["kpis.md"])


def _parted(section: str) -> tuple[str, str, str]:
    return section.partition("\n")


def _paths(command: click.Command, path: str) -> list[str]:
    context = click.Context(command)
    children = command.list_commands(context) if isinstance(command, click.Group) else []
    found = [path]
    for name in children:
        assert isinstance(command, click.Group)
        child = command.get_command(context, name)
        assert child is not None
        found += _paths(child, f"{path} {name}")
    return found


def _headings(page: str) -> set[str]:
    lines = [line for line in page.splitlines() if line.startswith(("## ", "### "))]
    return {line.lstrip("# ") for line in lines}
