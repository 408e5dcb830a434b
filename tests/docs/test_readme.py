"""The README is true: what it shows happens, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
    """A first KPI takes 20 lines or so, no more than the README says."""
    module = next(b for b in blocks(README) if b.language == "python")
    assert len(module.text.splitlines()) <= 22


def test_the_commands_for_make() -> None:
    """Every `make` command that is named is a target."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"(?m)^([a-z]+):", makefile))
    named = set(re.findall(r"(?m)(?:^|`)make ([a-z]+)", README.read_text("utf-8")))
    assert {"demo", "test", "check"} <= named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """A link to a file, or to a heading of the same page, has something at its end."""
    text = page.read_text("utf-8")
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


def _anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")
