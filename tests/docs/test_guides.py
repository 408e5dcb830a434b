"""The guides' examples work as their readers are told."""

from __future__ import annotations

from pathlib import Path

from docs.pages import hooks
from kamengine.engine import evidence
from kamengine.engine.session import Session
from kamengine.engine.windows import MONTHS, WINDOWS
from kamengine.periods import Calendar
from tests.docs.blocks import ROOT, Player, blocks

GUIDE = ROOT / "docs" / "writing-a-kpi.md"


def test_the_pack_of_the_guide(tmp_path: Path) -> None:
    """Its files make a pack whose cases pass, by the test and the command that it shows."""
    player = Player(tmp_path)
    for block in blocks(GUIDE):
        player.play(block)
    assert sorted(path.name for path in (tmp_path / "service-quality").rglob("*.yaml")) == [
        "fast_fix_share.yaml",
        "severe_issues.yaml",
        "silent_customer_share.yaml",
    ]


def test_the_tests_of_the_guide(tmp_path: Path) -> None:
    """What the guide to testing shows are tests that pass, by the command that it shows."""
    player = Player(tmp_path)
    for block in blocks(ROOT / "docs" / "testing.md"):
        player.play(block)
    assert len(list((tmp_path / "tests").glob("test_*.py"))) == 4


def test_the_steps_of_the_tutorial(tmp_path: Path) -> None:
    """Followed to the letter, they end with a pack of two KPIs that is gold."""
    player = Player(tmp_path)
    for block in blocks(ROOT / "docs" / "writing-a-pack.md"):
        player.play(block)
    package = tmp_path / "kam-acme" / "kam_acme"
    assert {path.stem for path in (package / "cases").iterdir()} == {
        "acme_training_share",
        "acme_visit_hours",
    }


def test_every_column_of_evidence_is_in_the_guide() -> None:
    """What the engine accepts from a query is what the guide offers, and so is `hooks.md`."""
    text = GUIDE.read_text("utf-8")
    assert [column for column in sorted(evidence.KNOWN) if f"`{column}`" not in text] == []
    listed = hooks.page()
    assert [column for column in sorted(evidence.KNOWN) if f"`{column}`" not in listed] == []


def test_every_relation_and_macro_is_in_the_guide() -> None:
    """The windows' columns and the engine's macros are all offered."""
    text = GUIDE.read_text("utf-8")
    offered = {*WINDOWS.names, *MONTHS.names}
    assert [column for column in sorted(offered) if f"`{column}`" not in text] == []
    with Session(None, Calendar()) as session:
        macros = session.rows(
            "SELECT function_name FROM duckdb_functions()"
            " WHERE function_type = 'macro' AND NOT internal"
        )
    assert macros
    assert [name for (name,) in macros if f"`{name}(" not in text] == []


def test_the_story_of_a_definition(tmp_path: Path) -> None:
    """Two ways to count churn: planned, applied, restated, explained and taken back."""
    player = Player(tmp_path)
    for block in blocks(ROOT / "docs" / "when-a-definition-changes.md"):
        player.play(block)
    assert (tmp_path / "ours" / "values.db").exists()
