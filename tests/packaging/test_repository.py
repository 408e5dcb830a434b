"""Rules of the house that no tool of its own looks after."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT

LONGEST = 400
UNFINISHED = re.compile(r"\b(?:" + "TO" + "DO|FIX" + r"ME)\b")
MACHINE = re.compile(r"(?<![\w.*])/(?:home|Users|root|work|mnt)/\w|\b[A-Z]:\\\\|/tmp/\w+/\w")
TEXT = {".py", ".md", ".toml", ".yaml", ".txt", ".sh", ""}


@pytest.fixture(scope="module")
def files() -> list[Path]:
    """Every file that is kept, as far as it is text."""
    if not (ROOT / ".git").exists():
        pytest.skip("not in a clone: git alone knows which files are kept")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    kept = [ROOT / name for name in listed if (ROOT / name).is_file()]
    assert len(kept) > 100
    return [path for path in kept if path.suffix in TEXT]


def test_imports_go_one_way() -> None:
    """The contracts of `[tool.importlinter]` hold."""
    script = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "homes"),
    [
        ("duckdb", {"kamengine/engine"}),
        ("adbc_driver_sqlite", {"kamengine/courier"}),
        ("sqlite3", {"kamengine/log", "kamengine/replay"}),
    ],
)
def test_a_database_has_one_home(module: str, homes: set[str]) -> None:
    """Only the packages meant for it import a database's driver."""
    pattern = re.compile(rf"(?m)^\s*(?:import|from) {module}\b")
    users = {
        str(path.parent.relative_to(ROOT))
        for top in ("kamengine", "events", "plugins")
        for path in (ROOT / top).rglob("*.py")
        if pattern.search(path.read_text("utf-8"))
    }
    assert users
    assert users <= homes


def test_no_module_is_long() -> None:
    """A module of the engine that passes 400 lines holds more than one noun."""
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in (ROOT / "kamengine").rglob("*.py")
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_nothing_is_left_for_later(files: list[Path]) -> None:
    """No line says that something remains to be done."""
    assert _lines(files, UNFINISHED) == []


def test_no_path_of_a_machine(files: list[Path]) -> None:
    """No file names a folder that only one machine has."""
    assert _lines(files, MACHINE) == []


def test_scripts_can_be_run(files: list[Path]) -> None:
    """Whatever names its interpreter may be executed."""
    scripts = [path for path in files if path.read_bytes().startswith(b"#!")]
    assert ROOT / ".ci" / "run" in scripts
    assert [str(path) for path in scripts if not os.access(path, os.X_OK)] == []


def _lines(files: list[Path], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
