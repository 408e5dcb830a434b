"""`kamengine plugins new` and `check`, as their users meet them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from kamengine.checking.finding import Finding, Report
from kamengine.cli.check import print_report
from tests.cli.conftest import Run
from tests.docs.blocks import Player


@pytest.fixture
def acme(run: Run, environment: dict[str, str], tmp_path: Path) -> Path:
    """The folder of a new pack, installed; what is edited in it counts."""
    assert run("plugins", "new", "kam-acme").returncode == 0
    player = Player(tmp_path)
    player.packs = Path(environment["PYTHONPATH"])
    player.install(tmp_path / "kam-acme")
    return player.packs / "kam_acme"


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_new_says_what_to_do_next(run: Run, tmp_path: Path) -> None:
    """Every file that was written, and the two commands that come next."""
    done = run("plugins", "new", "kam-acme", "--into", "packs")
    assert done.returncode == 0
    assert "wrote packs/kam-acme/kam_acme/visits.py" in done.stdout
    assert done.stdout.endswith("  cd packs/kam-acme\n  pip install -e '.[test]'\n  pytest\n")
    again = run("plugins", "new", "kam-acme", "--into", "packs")
    assert again.returncode == 2
    assert again.stderr.startswith("Error: There is something in this folder already")


def test_a_new_pack_passes_the_gate(run: Run, acme: Path) -> None:
    """By the name of its distribution, its module, and for the highest badge."""
    assert acme.is_dir()
    for name in ("kam-acme", "kam_acme"):
        done = run("plugins", "check", name, "--badge", "gold")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("kam_acme 0.1.0: gold, tried on 1,")


def test_a_fault_is_told_with_its_place_and_remedy(run: Run, acme: Path) -> None:
    """File, line and column, the sentence, and on the next line what to do; exit code 1."""
    edit(acme / "visit_hours.py", "    minutes AS numerator", "    minute AS numerator")
    done = run("plugins", "check", "kam-acme")
    assert done.returncode == 1
    first, second, *_ = done.stdout.splitlines()
    assert first == (
        "kam_acme/visit_hours.py:54:5: KPI acme_visit_hours:"
        ' Referenced column "minute" not found in FROM clause [binding]'
    )
    assert second == "    did you mean 'minutes'?"
    assert "kam_acme 0.1.0: none" in done.stdout


def test_findings_are_data(run: Run, acme: Path) -> None:
    """JSON has every finding with its place; CSV a line for each."""
    edit(acme / "visit_hours.py", "    minutes AS numerator", "    minute AS numerator")
    done = run("plugins", "check", "kam-acme", "--format", "json")
    assert done.returncode == 1
    (report,) = json.loads(done.stdout)
    assert (report["pack"], report["badge"], report["next"]) == ("kam_acme", "none", "bronze")
    binding = next(f for f in report["findings"] if f["check"] == "binding")
    assert (binding["kind"], binding["of"]) == ("fault", "KPI acme_visit_hours")
    assert (binding["line"], binding["column"]) == (54, 5)
    lines = run("plugins", "check", "kam-acme", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(lines)))
    assert {row["pack"] for row in rows} == {"kam_acme"}
    assert len(rows) == len(report["findings"])


def test_what_is_missing_fails_only_where_the_badge_is_wanted(run: Run, acme: Path) -> None:
    """Without cases: exit code 0, bronze, and what silver needs; 1 where silver is asked for."""
    shutil.rmtree(acme / "cases")
    done = run("plugins", "check", "kam-acme")
    assert done.returncode == 0
    assert "kam_acme 0.1.0: bronze, tried on 1,5" in done.stdout
    assert "  for silver: it has no cases: KPI acme_visit_hours\n" in done.stdout
    assert "    work some out by hand, in kam_acme/cases, a file a KPI\n" in done.stdout
    assert run("plugins", "check", "kam-acme", "--badge", "silver").returncode == 1


def test_a_warning_is_told_and_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """With its remedy, beside the badge that the pack keeps."""
    warning = Finding(
        check="contract",
        kind="warning",
        of="kam_acme",
        what="the hook kamengine_x is deprecated since plugin API 1.1 and gone in 2.0",
        mend="use kamengine_y",
    )
    report = Report(
        pack="kam_acme", version="0.1.0", badge="gold", next=None, findings=(warning,), events=9
    )
    print_report(report)
    assert capsys.readouterr().out == (
        "kam_acme: the hook kamengine_x is deprecated since plugin API 1.1 and gone in 2.0"
        " [contract, a warning]\n    use kamengine_y\nkam_acme 0.1.0: gold, tried on 9 events\n"
    )


def test_a_pack_that_is_not_there_is_guessed(run: Run) -> None:
    """Misuse costs one sentence and exit code 2."""
    done = run("plugins", "check", "kam_retentoin")
    assert done.returncode == 2
    assert "There is no pack of that name: 'kam_retentoin'; did you mean 'kam_retention'?" in (
        done.stderr
    )


def test_a_quarantined_pack_is_told_why(run: Run, acme: Path) -> None:
    """The gate says what `plugins list` says, and to mend that first."""
    edit(acme / "__init__.py", "from kam_acme.visits", "from kam_acme.visit")
    done = run("plugins", "check", "kam-acme")
    assert done.returncode == 1
    assert "No module named 'kam_acme.visit' [loading]" in done.stdout
    assert "mend that first" in done.stdout
