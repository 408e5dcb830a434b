"""The wheel holds what it must, and works where there is nothing else."""

from __future__ import annotations

import configparser
import csv
import io
import zipfile
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, Player, blocks
from tests.packaging.conftest import install, layer, run

pytestmark = pytest.mark.registry


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """What lies in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_pack_is_inside(wheel: Path, names: set[str]) -> None:
    """Each entry point names a module that the wheel holds, and every pack has an entry point."""
    with zipfile.ZipFile(wheel) as archive:
        (listed,) = (n for n in names if n.endswith(".dist-info/entry_points.txt"))
        points = configparser.ConfigParser()
        points.read_string(archive.read(listed).decode())
    modules = set(points["kamengine"].values())
    assert {f"{module}/__init__.py" for module in modules} <= names
    sources = [*(ROOT / "plugins").iterdir(), ROOT / "events" / "kam_events"]
    assert modules == {p.name for p in sources if (p / "__init__.py").exists()}
    assert points["console_scripts"]["kamengine"] == "kamengine.cli:main"


def test_every_module_is_inside(names: set[str]) -> None:
    """Not a module of the engine or of a pack stays behind, nor the mark that it is typed."""
    roots = {"kamengine": ROOT, "events": ROOT / "events", "plugins": ROOT / "plugins"}
    modules = {
        str(path.relative_to(base))
        for name, base in roots.items()
        for path in (ROOT / name).rglob("*.py")
    }
    assert modules <= names
    assert "kamengine/py.typed" in names


def test_the_example_is_inside(names: set[str]) -> None:
    """Every file of the example organisation, mappings included, comes along."""
    example = {
        f"kamengine/example/{path.relative_to(ROOT / 'config')}"
        for path in (ROOT / "config").rglob("*.yaml")
    }
    assert any(name.startswith("kamengine/example/mappings/") for name in example)
    assert example <= names


def test_the_starter_is_inside(names: set[str]) -> None:
    """Every file that `plugins new` writes comes along."""
    starter = {
        f"kamengine/{path.relative_to(ROOT)}"
        for path in (ROOT / "starter").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert "kamengine/starter/kam-acme/kam_acme/py.typed" in starter
    assert starter <= names


def test_the_templates_are_inside(names: set[str]) -> None:
    """Every file that pages are made from, styles and script included."""
    folder = ROOT / "kamengine" / "report" / "templates"
    templates = {f"kamengine/report/templates/{path.name}" for path in folder.iterdir()}
    assert "kamengine/report/templates/style.css" in templates
    assert templates <= names


def test_nothing_else_is_inside(names: set[str]) -> None:
    """No tests, benchmarks or generated files; the licence is there."""
    tops = {name.split("/")[0] for name in names}
    packages = {top for top in tops if not top.endswith(".dist-info")}
    packs = {path.name for path in (ROOT / "plugins").iterdir() if path.name.startswith("kam_")}
    assert packages == {"kamengine", "kam_events", *packs}
    own = {name for name in names if not name.startswith("kamengine/starter/")}
    assert [n for n in own if "test_" in n or n.endswith(".db")] == []
    assert [n for n in names if "__pycache__" in n] == []
    assert any(name.endswith("/LICENSE") for name in names)


def test_a_fresh_environment(fresh: Path, tmp_path: Path) -> None:
    """Installed alone, every pack loads, and `init` writes the whole example."""
    script = str(fresh / "kamengine")
    listed = run([script, "plugins", "list", "--format", "csv"], tmp_path)
    packs = list(csv.DictReader(io.StringIO(listed)))
    assert {pack["status"] for pack in packs} == {"loaded"}
    assert len(packs) == 6
    run([script, "init", "ours"], tmp_path)
    written = {str(p.relative_to(tmp_path / "ours")) for p in (tmp_path / "ours").rglob("*.yaml")}
    assert written == {str(p.relative_to(ROOT)) for p in (ROOT / "config").rglob("*.yaml")}
    assert run([script, "-w", "ours", "config", "check"], tmp_path).startswith("Sound")


def test_the_first_kpi_installs(fresh: Path, tmp_path: Path) -> None:
    """The README's own KPI, installed by pip, is one of the KPIs."""
    player = Player(tmp_path)
    for block in blocks(ROOT / "README.md"):
        if block.file and block.file.startswith("face-time/"):
            player.play(block)
    scripts = layer(fresh, tmp_path / "environment")
    install(fresh, scripts, tmp_path / "face-time")
    kamengine = [str(scripts / "python"), "-P", "-m", "kamengine"]
    shown = run([*kamengine, "kpis", "show", "face_to_face_share"], tmp_path)
    assert shown.startswith("# face_to_face_share\n\n**Face-to-face share.**")


def test_a_new_pack_installs_and_passes_its_tests(fresh: Path, tmp_path: Path) -> None:
    """What `plugins new` writes is installed by pip beside kamengine, and its own tests pass."""
    scripts = layer(fresh, tmp_path / "environment")
    kamengine = [str(scripts / "python"), "-P", "-m", "kamengine"]
    run([*kamengine, "plugins", "new", "kam-field-sales"], tmp_path)
    folder = tmp_path / "kam-field-sales"
    install(fresh, scripts, f"{folder}[test]")
    assert "6 passed" in run([str(scripts / "pytest"), "-q"], folder)
    listed = run([*kamengine, "plugins", "list", "--format", "csv"], tmp_path)
    (pack,) = (p for p in csv.DictReader(io.StringIO(listed)) if p["pack"] == "kam_field_sales")
    assert (pack["status"], pack["distribution"]) == ("loaded", "kam-field-sales")
    shown = run([*kamengine, "kpis", "show", "field_sales_visit_hours"], tmp_path)
    assert "an hour and a half, and half an hour" in shown
