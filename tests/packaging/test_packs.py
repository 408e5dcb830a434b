"""Packs of others, built and installed as anybody would: one that is whole, one that is broken."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from kamengine.pack import KINDS
from tests.docs.blocks import ROOT
from tests.packaging.conftest import PINNED, Once, build, install, layer

pytestmark = pytest.mark.registry

PACKS = ROOT / "tests" / "packs"
Kamengine: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]

ORGANISATION = """\
name: Acme
reporting_currency: USD
time_zone: UTC
as_of: 2026-12-31
limits: {seconds: 2, memory: 200MB, spill: 100MB}
"""

TOUCHES = [
    ("t1", "acme", "call", "2026-09-01", "inbound"),
    ("t2", "acme", "email", "2026-09-02", "outbound"),
    ("t3", "bolt", "call", "2026-10-01", "outbound"),
]

REPORT = """\
visit  account  day         minutes  fixed
-----  -------  ----------  -------  -----
v1     acme     2026-09-01  90       yes
v2     bolt     2026-09-03  30       no
v3     acme     2026-13-03  30       no
"""

MAPPING = """\
name: field
sources:
  - files: "*.txt"
    reader: READER
    events:
      - type: site.visited
        version: 2
        id: "{visit}"
        account_id: "{account}"
        occurred_at: {column: day, date: "%Y-%m-%d"}
        data:
          visit_id: "{visit}"
          minutes: {column: minutes, number: true}
          fixed: {column: fixed, map: {"yes": true, "no": false}}
"""


@pytest.fixture(scope="module")
def scripts(fresh: Path, once: Once) -> Path:
    """An environment with the wheels of kamengine and of both packs, each built in isolation."""

    def make(folder: Path) -> None:
        build([PACKS / "field", PACKS / "broken"], folder / "wheels")
        wheels = sorted((folder / "wheels").glob("*.whl"))
        install(fresh, layer(fresh, folder), "--no-deps", *wheels)

    return once("with_packs", make) / "bin"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with some touches."""
    root = tmp_path_factory.mktemp("ours")
    (root / "config").mkdir()
    (root / "config" / "organisation.yaml").write_text(ORGANISATION)
    (root / "config" / "kpis.yaml").write_text(
        "first_time_fix_share: {target: {floor: 0, target: 0.9}}\n"
    )
    (root / "config" / "scorecards.yaml").write_text(
        "standard:\n  kpis:\n    first_time_fix_share: 1\n"
    )
    lines = [
        {
            "id": event,
            "type": "touch.logged",
            "account_id": account,
            "manager_id": "kim",
            "occurred_at": day,
            "data": {"channel": channel, "direction": direction},
        }
        for event, account, channel, day, direction in TOUCHES
    ]
    (root / "touches.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    (root / "visits.txt").write_text(REPORT)
    for name in ("ruled-report", "loud-reader"):
        (root / f"{name}.yaml").write_text(MAPPING.replace("READER", name))
    return root


@pytest.fixture(scope="module")
def kamengine(scripts: Path, folder: Path) -> Kamengine:
    """Run kamengine in the environment that has the packs, in the workspace."""

    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(scripts / "python"), "-m", "kamengine", *map(str, arguments)],
            cwd=folder,
            env={k: v for k, v in PINNED.items() if k != "PYTHONPATH"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return call


@pytest.fixture(scope="module")
def replayed(kamengine: Kamengine) -> dict[str, object]:
    """What the replay of touches and visits says of itself."""
    assert kamengine("events", "append", "touches.jsonl").returncode == 0
    imported = kamengine("events", "import", "ruled-report.yaml", "visits.txt")
    assert imported.returncode == 1
    assert "visits.txt, line 5" in imported.stderr
    done = kamengine("replay", "--format", "json")
    assert done.returncode == 1, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    assert done.stderr.splitlines()[1:] == [  # the first line tells what was applied
        f"The notifier loud-notifier failed (ConnectionError: nobody hears of {found['position']})."
    ]
    return found


QUARANTINED = {
    "broken_absent": "No module named 'kam_broken.absent'",
    "broken_api": "It is written for plugin API 2.0, and this kamengine offers 1.0; upgrade",
    "broken_arguments": "is called without arguments, and this asks for some: 'workspace'",
    "broken_attribute": "nothing_of_that_name",
    "broken_duplicates": "It registers 'nps' again; kam_retention has it already",
    "broken_exit": "It can't be imported: SystemExit: 3",
    "broken_hook": "a hook that there isn't: 'kamengine_kpi'; did you mean 'kamengine_kpis'?",
    "broken_import": "It can't be imported: ModuleNotFoundError: No module named 'nobody_ever",
    "broken_later_api": "It is written for plugin API 3.1, and this kamengine offers 1.0",
    "broken_sql": "projection torn, line 1, column",
    "broken_syntax": "It can't be imported: SyntaxError",
    "broken_takeover": "It registers 'replay' again; kamengine has it already",
    "broken_types": "A hook for KPI returned something else: 'nps'",
}


def test_a_pack_of_others_is_listed_with_all_that_it_brings(kamengine: Kamengine) -> None:
    """By kind, with its version and that of the contract."""
    packs = {p["pack"]: p for p in json.loads(kamengine("plugins", "list", "--format=json").stdout)}
    field = packs["kam_field"]
    assert set(field["provides"]) == {kind.name for kind in KINDS}, "it is to use every hook"
    assert (field["status"], field["distribution"], field["version"], field["api"]) == (
        *("loaded", "kam-field"),
        *("1.2", "1.0"),
    )
    assert field["provides"] == {
        "event types": 1,
        "projections": 1,
        "kpis": 3,
        "simulations": 1,
        "lint rules": 1,
        "importers": 1,
        "notifiers": 1,
        "output formats": 1,
        "commands": 1,
    }
    assert field["warnings"] == []


def test_every_broken_pack_is_quarantined_with_a_clear_word(kamengine: Kamengine) -> None:
    """Those that can't be loaded, no others, and each for its own reason."""
    packs = {p["pack"]: p for p in json.loads(kamengine("plugins", "list", "--format=json").stdout)}
    broken = {n: p["reason"] for n, p in packs.items() if p["status"] == "quarantined"}
    assert broken.keys() == QUARANTINED.keys()
    assert {n: broken[n] for n, words in QUARANTINED.items() if words not in broken[n]} == {}
    assert {n for n in packs if n.startswith("broken_")} - broken.keys() == {
        *("broken_loud", "broken_runaways", "broken_shapes"),
    }


def test_every_broken_kpi_is_parked_with_a_clear_word(replayed: dict[str, object]) -> None:
    """The replay goes through, and names each with what is wrong with it, and no other."""
    words = {
        "broken_table": "it reads tuoches, which no loaded pack registers; did you mean 'touches'",
        "broken_column": "occured_at",
        "broken_evidence": "amount",
        "broken_number": "numerator",
        "broken_on_some_rows": "many",
        "broken_endless": "It was stopped after 2 s",
        "broken_huge": "It needs more memory than it may have",
    }
    parked = replayed["parked"]
    assert isinstance(parked, dict)
    assert parked.keys() == words.keys(), parked
    assert {name: parked[name] for name, said in words.items() if said not in parked[name]} == {}
    assert [name for name, reason in parked.items() if "\n" in reason] == []


@pytest.mark.usefixtures("replayed")
def test_values_of_a_pack_of_others(kamengine: Kamengine) -> None:
    """Imported by its reader, counted by its KPIs, printed in its form: 90 minutes and 30."""
    shown = kamengine(
        *("values", "--kpi", "field_hours", "--by", "account"),
        *("--period", "2026-Q3", "--format", "markdown"),
    )
    assert shown.returncode == 0
    rows = [line.split(" | ")[2:7:2] for line in shown.stdout.splitlines()[2:]]
    assert rows == [["acme", "1.5", "60"], ["bolt", "0.5", "60"]]
    assert kamengine("field-board", "--period", "2026-Q3", "--format", "csv").stdout == (
        "account,hours\nacme,1.5\nbolt,0.5\n"
    )
    nobody = kamengine("field-board", "--period", "2024")
    assert (nobody.returncode, nobody.stderr) == (
        2,
        "Error: Nobody was visited: '2024'; try another period.\n",
    )


@pytest.mark.usefixtures("replayed")
def test_values_of_everybody_else_are_there(kamengine: Kamengine) -> None:
    """A KPI that ships has its value beside seven that are broken."""
    shown = kamengine(
        *("values", "--kpi", "inbound_interaction_share", "--by", "account"),
        *("--period", "2026-09", "--format", "csv"),
    )
    assert shown.returncode == 0, shown.stderr
    (row,) = csv.DictReader(io.StringIO(shown.stdout))
    assert (row["subject"], row["numerator"], row["denominator"], row["status"]) == (
        *("acme", "1"),
        *("2", "ok"),
    )


@pytest.mark.usefixtures("replayed")
def test_a_deprecated_kpi_of_a_pack_says_what_replaces_it(kamengine: Kamengine) -> None:
    """Its values are there all the same: two visits of two accounts."""
    shown = kamengine("values", "--kpi", "site_visits", "--period", "2026", "--format", "json")
    assert shown.stderr == "site_visits is deprecated: field_hours replaces it.\n"
    (row,) = json.loads(shown.stdout)
    assert row["value"] == 2


@pytest.mark.usefixtures("replayed")
def test_its_rule_its_notices_and_its_help(
    kamengine: Kamengine, folder: Path, replayed: dict[str, object]
) -> None:
    """The rule speaks of a line, the notifier wrote its file, the command is in the help."""
    checked = kamengine("config", "check")
    assert checked.returncode == 0
    assert (
        "scorecards.yaml:3: Scorecard 'standard' has the share of repairs without the hours"
        " (share-with-hours); add field_hours"
    ) in checked.stdout
    (noted,) = (folder / "field.log").read_text().splitlines()
    assert noted.startswith(f"{replayed['position']}: ")
    assert noted.endswith(
        "parked: broken_column, broken_endless, broken_evidence, broken_huge, broken_number,"
        " broken_on_some_rows, broken_table"
    )
    assert "field-board  Show the hours in the field" in kamengine("--help").stdout
    shown = kamengine("kpis", "show", "field_hours").stdout
    assert "a visit told twice counts as it was told last" in shown


FAILURES = {
    "rule": (
        ("config", "check"),
        0,
        "The lint rule loud-rule failed (KeyError: ",
    ),
    "format": (
        ("kpis", "list", "--format", "loud-format"),
        2,
        "The output format loud-format failed (RuntimeError: no room)",
    ),
    "reader": (
        ("events", "import", "loud-reader.yaml", "visits.txt"),
        2,
        "visits.txt: The importer loud-reader failed (before the first row: ValueError: visits.txt"
        " is not for me)",
    ),
    "command": (
        ("loud",),
        2,
        "(ZeroDivisionError: aloud); run it again with --debug to see where, and please report it"
        " to the authors of broken_loud",
    ),
}


@pytest.mark.parametrize(("command", "code", "words"), FAILURES.values(), ids=FAILURES)
def test_what_fails_when_it_is_asked_for_says_so(
    kamengine: Kamengine, command: tuple[str, ...], code: int, words: str
) -> None:
    """One sentence that names what failed; everything else goes on."""
    done = kamengine(*command)
    assert done.returncode == code
    assert words in done.stdout + done.stderr


@pytest.fixture
def without_packs(fresh: Path, folder: Path) -> Kamengine:
    """The same workspace where neither pack is installed."""
    (folder / "config" / "kpis.yaml").unlink()
    (folder / "config" / "scorecards.yaml").unlink()

    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(fresh / "kamengine"), *map(str, arguments)],
            cwd=folder,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call


@pytest.mark.usefixtures("replayed")
def test_values_outlive_the_pack(without_packs: Kamengine) -> None:
    """Uninstalled, it goes on as applied; removed by an apply, its values are as they were."""
    ask = ("values", "--kpi", "field_hours", "--by", "account", "--period", "2026-Q3")
    values = [["acme", "1.5"], ["bolt", "0.5"]]
    assert "broken_endless" in without_packs("replay").stderr, "it is in force, and parked"
    shown = without_packs(*ask, "--format", "csv")
    assert [line.split(",")[2:5:2] for line in shown.stdout.splitlines()[1:]] == values
    assert "in force any more" not in shown.stderr

    applied = without_packs("apply", "--yes", "--why", "nobody visits sites")
    assert applied.returncode == 0, applied.stderr
    shown = without_packs(*ask, "--format", "csv")
    assert [line.split(",")[2:5:2] for line in shown.stdout.splitlines()[1:]] == values
    assert "field_hours isn't in force any more (it was in kam_field)" in shown.stderr
    listed = without_packs("events", "list", "--type", "site.visited")
    assert listed.returncode == 2, "a type that nobody registers can't be asked for"
    assert without_packs("events", "verify").returncode == 0
