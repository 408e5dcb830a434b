"""A new pack: complete, in its own words, and working as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kamengine.errors import PluginError
from kamengine.scaffold import make_pack
from tests.docs.blocks import Player


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make_pack("kam-field-sales", folder)
    return folder / "kam-field-sales"


def test_every_file_that_a_package_needs(made: Path) -> None:
    """Its names are those of the pack, in every place, and no trace of the starter's is left."""
    assert {str(p.relative_to(made)) for p in made.rglob("*") if p.is_file()} == {
        "README.md",
        "pyproject.toml",
        "kam_field_sales/__init__.py",
        "kam_field_sales/cases/field_sales_visit_hours.yaml",
        "kam_field_sales/py.typed",
        "kam_field_sales/visit_hours.py",
        "kam_field_sales/visits.py",
        "tests/test_kam_field_sales.py",
    }
    texts = "".join(p.read_text("utf-8") for p in made.rglob("*") if p.is_file())
    assert "acme" not in texts.lower()
    assert 'name = "kam-field-sales"' in texts
    assert '"field_sales_visit.logged"' in texts


def test_its_own_tests_pass_beside_another_pack(made: Path, tmp_path: Path) -> None:
    """Two packs made alike are installed together, and neither is in the other's way."""
    make_pack("north", tmp_path)
    player = Player(tmp_path)
    player.install(made)
    player.install(tmp_path / "north")
    assert "6 passed" in player.run(f"pytest -q {made} -p no:cacheprovider")
    listed = player.run("kamengine plugins list --format csv")
    assert "kam_field_sales,loaded,0.1.0,kam-field-sales" in listed
    assert "north,loaded,0.1.0,north" in listed


def test_its_owner_finds_it_in_order(made: Path) -> None:
    """Imports, names and docstrings are as ruff wants them, in a folder of its own."""
    rules = "A,ARG,B,C4,D1,E,F,I,N,PT,RET,RUF,SIM,UP,W"
    command = [sys.executable, "-m", "ruff"]
    for arguments in (
        ["check", "--isolated", "--select", rules],
        ["format", "--isolated", "--check"],
    ):
        done = subprocess.run(
            [*command, *arguments, "--line-length", "100", "."],
            cwd=made,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("Kam-Acme", "No pack can have this name"),
        ("kam-2go", "No pack can have this name"),
        ("class", "No pack can have this name"),
        ("../kam-acme", "No pack can have this name"),
        ("json", "A package of this name is installed already"),
        ("kam-events", "A package of this name is installed already"),
    ],
)
def test_a_name_that_cannot_be(name: str, complaint: str, tmp_path: Path) -> None:
    """What no package can be called, or one is called already, is refused; nothing is written."""
    with pytest.raises(PluginError, match=complaint):
        make_pack(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A folder with something in it stays as it is; an empty one is used."""
    (tmp_path / "kam-north").mkdir()
    make_pack("kam-north", tmp_path)
    readme = tmp_path / "kam-north" / "README.md"
    readme.write_text("mine")
    with pytest.raises(PluginError, match="There is something in this folder already"):
        make_pack("kam-north", tmp_path)
    assert readme.read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """One sentence, and not a traceback."""
    tmp_path.chmod(0o500)
    with pytest.raises(PluginError, match="can't be written: Permission denied"):
        make_pack("kam-north", tmp_path)
