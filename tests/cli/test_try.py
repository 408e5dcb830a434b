"""`kamengine kpis try`: a file that isn't installed, over the events that were replayed."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from kamengine.replay.trial import drafting
from kamengine.settings import Limits
from tests.cli.conftest import ORGANISATION

EVENTS = [
    {
        "id": f"i{number}",
        "type": "issue.opened",
        "account_id": account,
        "occurred_at": f"2026-07-0{number}",
        "data": {"issue_id": f"i{number}", "severity": severity},
    }
    for number, (account, severity) in enumerate(
        [("acme", "severe"), ("acme", "severe"), ("acme", "minor"), ("bolt", "severe")], 1
    )
]

KPI = '''
from kamengine import KPI, Params, Sum


class Wanted(Params, frozen=True):
    severity: str = "severe"


SEVERE = KPI(
    id="severe_issues",
    version=1,
    title="Severe issues",
    doc="How many severe issues our customers had.",
    family="retention",
    timing="leading",
    unit="issues",
    better="lower",
    value=Sum(),
    empty="zero",
    params=Wanted(),
    sql="""
        SELECT account_id, occurred_at, event_id, 1 AS numerator
        FROM issue_opened
        WHERE severity = $severity
    """,
)
'''

Try: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which the events were replayed."""
    folder = tmp_path_factory.mktemp("tried")
    (folder / "config").mkdir()
    limits = "limits: {memory: 200MB, spill: 100MB}"
    (folder / "config" / "organisation.yaml").write_text(
        f"{ORGANISATION}as_of: 2026-08-31\n{limits}\n"
    )
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, EVENTS)))
    for arguments in (["events", "append", "events.jsonl"], ["replay"]):
        done = _kamengine(folder, *arguments)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def attempt(root: Path, tmp_path: Path) -> Try:
    """Write a file and try it."""

    def tried(text: str, *options: str, name: str = "draft.py") -> subprocess.CompletedProcess[str]:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return _kamengine(root, "kpis", "try", str(tmp_path / name), *options)

    return tried


def _kamengine(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kamengine", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=_environment(),
        timeout=60,
        check=False,
    )


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k != "COLUMNS"} | {"PYTHONUNBUFFERED": "1"}


def test_values_evidence_and_plan(attempt: Try) -> None:
    """Of the present quarter, by account and for all, with the events and the way to them."""
    done = attempt(KPI)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["acme", "2026-Q3", "2", "2", "1", "2", "ok"] in rows
    assert ["bolt", "2026-Q3", "1", "1", "1", "1", "ok"] in rows
    assert ["organisation", "2026-Q3", "3", "3", "1", "3", "ok"] in rows
    assert "Evidence: 3 rows" in done.stdout
    assert any(row[:3] == ["i4", "2026-07-04T00:00:00Z", "bolt"] for row in rows)
    assert "issue_opened" in done.stdout.partition("Evidence")[2]
    assert "issue_opened" not in attempt(KPI, "--no-plan").stdout


def test_nothing_is_written(attempt: Try, root: Path) -> None:
    """Neither values nor state nor definitions are others afterwards."""
    before = {p: p.stat().st_mtime_ns for p in root.rglob("*") if p.is_file()}
    assert attempt(KPI).returncode == 0
    assert {p: p.stat().st_mtime_ns for p in root.rglob("*") if p.is_file()} == before
    assert _kamengine(root, "kpis", "show", "severe_issues").returncode == 2


def test_as_data(attempt: Try) -> None:
    """JSON has all of it, whatever the limit; CSV the values."""
    done = attempt(KPI, "--format", "json", "--limit", "1", "--period", "2026-07")
    found = json.loads(done.stdout)
    assert found["kpi"] == "severe_issues"
    assert [v["value"] for v in found["values"]] == [2, 1, 3]
    assert [e["events"] for e in found["evidence"]] == [["i1"], ["i2"], ["i4"]]
    assert "severity = 'severe'" in found["query"]
    lines = attempt(KPI, "--format", "csv").stdout.splitlines()
    assert lines[1:] == [
        "acme,2026-Q3,2.0,2,1,2,ok,",
        "bolt,2026-Q3,1.0,1,1,1,ok,",
        "organisation,2026-Q3,3.0,3,1,3,ok,",
    ]


def test_a_projection_of_its_own(attempt: Try) -> None:
    """A projection and an event type that nobody knows yet are there for the question."""
    text = KPI.replace("FROM issue_opened", "FROM bad_issues").replace(
        "from kamengine import KPI, Params, Sum",
        '''from kamengine import KPI, EventData, EventType, Params, Projection, Sum


class Forgiven(EventData, frozen=True):
    issue_id: str


FORGIVEN = EventType(name="bad_issue.forgiven", data=Forgiven, doc="Nobody minds.")
BAD = Projection(name="bad_issues", doc="Severe ones.", key=("issue_id",), sql="""
    SELECT issue.*
    FROM issue_opened AS issue
    ANTI JOIN bad_issue_forgiven USING (issue_id)
""")
''',
    )
    done = attempt(text, "--format", "csv")
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "organisation,2026-Q3,3.0,3,1,3,ok,"


def test_another_version_of_an_installed_projection(attempt: Try) -> None:
    """The file's own stands in the place of the installed one, for all that reads it."""
    text = KPI.replace("FROM issue_opened", "FROM issues").replace(
        "occurred_at, event_id", "opened_at AS occurred_at, opened_event AS event_id"
    )
    assert (
        attempt(text, "--format", "csv")
        .stdout.splitlines()[-1]
        .startswith("organisation,2026-Q3,3")
    )
    mine = (
        text.replace("import KPI,", "import KPI, Projection,")
        + '''
ISSUES = Projection(name="issues", doc="Only those of bolt.", key=("issue_id",), sql="""
    SELECT account_id, severity, occurred_at AS opened_at, event_id AS opened_event
    FROM issue_opened
    WHERE account_id = 'bolt'
""")
'''
    )
    assert attempt(mine, "--format", "csv").stdout.splitlines()[1:] == [
        "bolt,2026-Q3,1.0,1,1,1,ok,",
        "organisation,2026-Q3,1.0,1,1,1,ok,",
    ]


def test_a_formula(attempt: Try) -> None:
    """One over a KPI of the file and an installed one shows its operands."""
    text = (
        KPI.replace("import KPI, Params, Sum", "import KPI, Formula, Operand, Params, Ratio, Sum")
        + """
TWICE = KPI(
    id="twice", version=1, title="Twice", doc="Twice as many.", family="retention",
    timing="leading", unit="issues", better="lower",
    value=Formula(operands={"severe": Operand(kpi="severe_issues")}, numerator="2 * severe"),
)
"""
    )
    found = json.loads(attempt(text, "--kpi", "twice", "--format", "json").stdout)
    assert [v["value"] for v in found["values"]] == [4, 2, 6]
    assert found["operands"]["severe"]["value"] == 3


def test_a_file_of_a_package(root: Path, tmp_path: Path) -> None:
    """The rest of its package is there, though that isn't installed either."""
    assert _kamengine(tmp_path, "plugins", "new", "kam-acme").returncode == 0
    file = tmp_path / "kam-acme" / "kam_acme" / "visit_hours.py"
    done = _kamengine(root, "kpis", "try", str(file), "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:] == ["organisation,2026-Q3,0.0,0,60,0,ok,"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "severity = $severity",
            "sevrity = $severity",
            'draft.py:24:15: Referenced column "sevrity" not found in FROM clause;'
            " did you mean 'severity'?",
        ),
        ("FROM issue_opened", "FROM issue_opend", "did you mean 'issue_opened'?"),
        ("1 AS numerator", "1 AS number", "Evidence has a column that means nothing: 'number'"),
        ("$severity", "now()", "the clock"),
        ("from kamengine", "from kamengin", "draft.py, line 2: It can't be imported"),
        ("SEVERE = KPI(", "SEVERE = dict(", "No KPI is declared in it"),
        ("version=1,", "versoin=1,", "line 9: It can't be imported: TypeError"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(
    attempt: Try, old: str, new: str, complaint: str
) -> None:
    """With its place in the file where there is one, and the nearest name; exit code 2."""
    assert old in KPI
    done = attempt(KPI.replace(old, new))
    assert done.returncode == 2
    assert done.stdout == ""
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1


ENDLESS = (
    KPI.replace("version=1,", "version=1, duckdb_only='broken on purpose',")
    .replace(
        "        SELECT account_id",
        """
        WITH RECURSIVE numbers AS (
            SELECT 1 AS n
            UNION ALL
            SELECT n % 9 + 1 FROM numbers WHERE n > 0
        )

        SELECT account_id""",
    )
    .replace("WHERE severity", "WHERE (SELECT max(n) FROM numbers) > 0 AND severity")
)

HUGE = ENDLESS.replace("n % 9 + 1 FROM numbers WHERE n > 0", "n + 1 FROM numbers WHERE n < 10000")
HUGE = HUGE.replace(
    "SELECT max(n) FROM numbers",
    "SELECT len(list_sort(list(one.n * two.n))) FROM numbers AS one, numbers AS two",
)

OF_A_PROJECTION = (
    ENDLESS.replace("import KPI,", "import KPI, Projection,").replace(
        "FROM issue_opened", "FROM issue_opened, forever"
    )
    + '''
FOREVER = Projection(name="forever", doc="x", key=("n",), duckdb_only="on purpose", sql="""
    WITH RECURSIVE n AS (SELECT 1 AS n UNION ALL SELECT n % 9 + 1 FROM n) SELECT max(n) AS n FROM n
""")
'''
)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            ENDLESS,
            "Error: severe_issues: It was stopped after 1 s, which is all that it may take;"
            " mend the query, or give it longer with --seconds.\n",
        ),
        (
            OF_A_PROJECTION,
            "Error: projection forever: It was stopped after 1 s, which is all that it may take;"
            " mend the query, or give it longer with --seconds.\n",
        ),
    ],
)
def test_a_draft_without_end_is_stopped(attempt: Try, text: str, complaint: str) -> None:
    """It says how long it was waited for, and how to wait longer; a sound one isn't in its way."""
    done = attempt(text, "--seconds", "1")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", complaint)


def test_a_draft_that_takes_all_memory_is_stopped(attempt: Try) -> None:
    """The organisation's limit of memory is a draft's as well."""
    done = attempt(HUGE)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "Error: severe_issues: It needs more memory than it may have (failed to allocate"
    )
    assert done.stderr.endswith("or raise `limits: memory` in organisation.yaml and apply that.\n")


def test_what_a_draft_may_cost() -> None:
    """Half a minute, unless its author waits longer; never more than what is applied by itself."""
    assert drafting(Limits()) == Limits(seconds=30, memory="800MB", spill="2GB")
    assert drafting(Limits(seconds=9, memory="1GB", spill="5GB")) == Limits(
        seconds=9, memory="1GB", spill="5GB"
    )
    assert drafting(Limits(), seconds=120).seconds == 120


def test_it_goes_on_when_the_file_is_saved(root: Path, tmp_path: Path) -> None:
    """Each save shows the values anew; one that breaks the file is told, and isn't the end."""
    file = tmp_path / "draft.py"
    file.write_text(KPI)
    command = [sys.executable, "-m", "kamengine", "kpis", "try", str(file), "--watch"]
    running = subprocess.Popen(
        [*command, "--format", "csv", "--seconds", "1"],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment(),
        bufsize=0,
    )
    try:
        assert _said(running, "organisation,2026-Q3,3.0")
        file.write_text(KPI.replace("1 AS numerator", "10 AS numerator"))
        assert _said(running, "organisation,2026-Q3,30.0")
        file.write_text(KPI.replace("1 AS numerator", "nonsense AS numerator"))
        assert _said(running, 'Referenced column "nonsense" not found')
        file.write_text(ENDLESS)
        assert _said(running, "It was stopped after 1 s")
        file.write_text(KPI)
        assert _said(running, "organisation,2026-Q3,3.0")
        assert running.poll() is None
    finally:
        running.kill()
        running.communicate()


def _said(running: subprocess.Popen[bytes], wanted: str) -> bool:
    """Read until a line has the words; False where none has in half a minute."""
    assert running.stdout is not None
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if select.select([running.stdout], [], [], 0.2)[0]:
            line = running.stdout.readline().decode()
            if wanted in line:
                return True
            if not line:
                return False
    return False
