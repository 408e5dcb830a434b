"""The README is true: what it shows happens, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from kamengine.cli import main
from tests.docs.blocks import ROOT, Player, blocks

README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_session(tmp_path: Path) -> None:
    """Its files and commands, in their order, print what it says, the own KPI's value included."""
    player = Player(tmp_path)
    played = blocks(README)
    for block in played:
        player.play(block)
    commands = re.findall(r"(?m)^\$ kamengine (\w+)", "".join(b.text for b in played))
    assert {"init", "replay", "values", "explain", "scorecard"} <= set(commands)
    assert (tmp_path / "face-time" / "face_time.py").exists()


def test_the_first_kpi_is_short() -> None:
    """A first KPI takes 20 lines."""
    module = next(b for b in blocks(README) if b.language == "python")
    assert len([line for line in module.text.splitlines() if line]) <= 20


def test_the_commands_for_make() -> None:
    """Every `make` command that is named is a target."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"(?m)^([a-z]+):", makefile))
    named = set(re.findall(r"(?m)(?:^|`)make ([a-z]+)", _text(README)))
    assert {"demo", "test", "check"} <= named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file, or to a heading of the same page, has something at its end."""
    text = _text(page)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    headings = {_anchor(line) for line in re.findall(r"(?m)^#+ (.+)$", text)}
    local = [link for link in links if "://" not in link]
    missing = [
        link
        for link in local
        if not (page.parent / link.partition("#")[0]).exists()
        or (link.startswith("#") and link[1:] not in headings)
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    """A command that is written as code is one, and so is each of its options."""
    inline = re.findall(
        r"`((?<!from )kamengine [^`\n]+)`", re.sub(r"(?ms)^```.*?^```$", "", _text(page))
    )
    shell = "".join(b.text for b in blocks(page) if b.language in {"", "sh", "console"})
    listed = re.findall(r"(?m)^(?:\$ )?(kamengine .+)$", shell)
    assert [line for line in inline + listed if not _exists(line)] == []


def _text(page: Path) -> str:
    return page.read_text("utf-8")


def _exists(line: str) -> bool:
    """Tell whether the words lead to a command that has the options."""
    command: click.Command | None = main
    words = line.partition("#")[0].split()[1:]
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        command = command.get_command(click.Context(command), words.pop(0))
    if command is None:
        return False
    known = {option for parameter in command.params for option in parameter.opts}
    return {word for word in words if word.startswith("--")} <= known | {"--help"}


def _anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")
