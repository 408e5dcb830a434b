"""Values by part, composites and queries over several KPIs, on a small history of one quarter."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, environment_in, runner, workspace_in

KPIS = """
contact_gap_days: {target: {floor: 100, target: 0}}
win_rate: {target: {floor: 0%, target: 100%}}
nps: {target: {floor: 0, target: 100}}
"""
SCORECARDS = """
everybody:
  for: [account, manager, organisation]
  kpis: {contact_gap_days: 1, win_rate: 1, nps: 1, kam_scorecard_score: 0}
"""


def told(number: int, event_type: str, day: str, /, **rest: object) -> str:
    data = {key: rest.pop(key) for key in list(rest) if key not in {"account_id", "manager_id"}}
    event = {
        "id": f"e{number}",
        "type": event_type,
        "occurred_at": f"2026-{day}",
        **rest,
        "data": data,
    }
    return json.dumps(event)


ACME: dict[str, object] = {"account_id": "acme", "manager_id": "kim"}
HISTORY = [
    told(1, "manager.hired", "01-01", manager_id="kim", name="Kim", hired_on="2020-01-01"),
    told(2, "account.opened", "01-01", **ACME, name="Acme", segment="large"),
    told(3, "deal.opened", "01-05", **ACME, deal_id="d1", kind="new"),
    told(4, "touch.logged", "01-06", **ACME, channel="email", direction="outbound", deal_id="d1"),
    told(5, "touch.logged", "01-07", **ACME, channel="call", direction="inbound", deal_id="d1"),
    told(6, "deal.closed", "01-10", account_id="acme", deal_id="d1", outcome="won"),
    told(7, "deal.opened", "01-05", **ACME, deal_id="d2", kind="new"),
    told(8, "touch.logged", "03-12", **ACME, channel="email", direction="outbound", deal_id="d2"),
    told(9, "deal.closed", "03-20", account_id="acme", deal_id="d2", outcome="lost"),
]  # fmt: skip


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which the history above was replayed; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("measured")
    workspace = workspace_in(folder)
    run = runner(environment_in(folder, workspace), folder)
    config = workspace / "config"
    with (config / "organisation.yaml").open("a") as file:
        file.write("active_by: accounts\nas_of: 2026-04-30\n")
    (config / "kpis.yaml").write_text(KPIS)
    (config / "scorecards.yaml").write_text(SCORECARDS)
    (workspace / "history.jsonl").write_text("\n".join(HISTORY))
    assert run("events", "append", workspace / "history.jsonl").returncode == 0
    assert run("replay").returncode == 0
    return workspace


@pytest.fixture
def measured(workspace: Path, replayed: Path, run: Run) -> Run:
    """The command line over a workspace with that history."""
    shutil.copytree(replayed, workspace, dirs_exist_ok=True)
    return run


def as_json(run: Run, *arguments: str) -> Any:
    done = run(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_values_by_part(measured: Run) -> None:
    """By channel: one e-mail and one call began an exchange, and another e-mail."""
    arguments = ("values", "--kpi", "inbound_interaction_share", "--part", "--period", "2026-Q1")
    found = as_json(measured, *arguments)
    assert [(r["part"], r["numerator"], r["denominator"]) for r in found] == [
        ("call", 1, 1),
        ("email", 0, 2),
    ]
    whole = as_json(measured, *arguments[:3], *arguments[4:])
    assert (whole[0]["numerator"], whole[0]["denominator"]) == (1, 3)
    table = measured(*arguments).stdout
    assert "by organisation and part" in table
    rows = list(csv.DictReader(io.StringIO(measured(*arguments, "--format", "csv").stdout)))
    assert [row["part"] for row in rows] == ["call", "email"]


def test_values_by_part_of_every_kept_period(measured: Run) -> None:
    """Without a period every one that is kept is broken down, for the subject asked for."""
    found = as_json(
        measured, "values", "--kpi", "inbound_interaction_share", "--part", "--by", "account",
        "--subject", "acme", "--kind", "month",
    )  # fmt: skip
    assert [(r["period"], r["part"], r["denominator"]) for r in found] == [
        ("2026-01", "call", 1),
        ("2026-01", "email", 1),
        ("2026-03", "email", 1),
    ]


def test_explain_shows_parts_too(measured: Run) -> None:
    """JSON has them always, the table when asked."""
    arguments = ("explain", "--kpi", "inbound_interaction_share", "--account", "acme")
    found = as_json(measured, *arguments, "--period", "2026-Q1")
    assert [part["part"] for part in found["parts"]] == ["call", "email"]
    assert "100 %" in measured(*arguments, "--period", "2026-Q1", "--part").stdout


def test_explain_names_the_correction_of_an_event(measured: Run) -> None:
    """The e-mail that began the exchange turns out to have come in: both began with them."""
    arguments = ("explain", "--kpi", "inbound_interaction_share", "--account", "acme")
    said = '{"channel": "email", "direction": "inbound", "deal_id": "d1"}'
    assert measured("events", "correct", "e4", "--data", said, "--reason", "seen").returncode == 0
    assert measured("replay").returncode == 0
    found = as_json(measured, *arguments, "--period", "2026-01")
    assert (found["value"]["numerator"], found["value"]["denominator"]) == (2, 2)
    by = {event: row["corrected_by"] for row in found["evidence"] for event in row["events"]}
    assert by == {"e4": ["e4#corrected"], "e5": []}
    assert "e4#corrected" in measured(*arguments, "--period", "2026-01").stdout
    assert "corrected" not in measured(*arguments, "--period", "2026-03").stdout


def test_what_has_no_parts_says_so(measured: Run) -> None:
    """A KPI made of others is refused with the way to go on, and exit code 2."""
    done = measured("values", "--kpi", "kam_scorecard_score", "--part", "--period", "2026-Q1")
    assert done.returncode == 2
    assert "`kamengine explain` shows them" in done.stderr


def test_a_composite_is_answered_everywhere(measured: Run) -> None:
    """The gap is 20 days, 0.8; one of two deals won, 0.5: (30 * 80 + 40 * 50) / 70."""
    arguments = ("--kpi", "kam_scorecard_score", "--period", "2026-Q1")
    (value,) = as_json(measured, "values", *arguments, "--by", "manager")
    assert (value["numerator"], value["denominator"]) == (4400, 70)
    assert "no retention KPI has a value (nps: no evidence" in value["reason"]
    explained = as_json(measured, "explain", *arguments, "--manager", "kim")
    assert explained["value"] == value
    assert [(k["kpi"], k["attainment"]) for k in explained["kpis"]] == [
        ("win_rate", 0.5),
        ("contact_gap_days", 0.8),
        ("nps", None),
    ]
    (tenure,) = explained["tenure"]
    assert (tenure["event"], tenure["days"], tenure["from_month"]) == ("e1", 90, 36)
    card = as_json(measured, "scorecard", "--manager", "kim", "--period", "2026-Q1")
    assert card["kpis"][-1]["value"] == value["value"]
    printed = measured("explain", *arguments, "--manager", "kim").stdout
    assert "from the scorecard everybody" in printed
    assert "Weights by tenure" in printed


def test_a_changed_target_shows_once_it_is_applied(measured: Run, workspace: Path) -> None:
    """Written, it changes nothing; applied, the score follows it, and its definition says so."""
    arguments = ("values", "--kpi", "kam_scorecard_score", "--by", "manager", "--period", "2026-Q1")
    (before,) = as_json(measured, *arguments)
    kpis = workspace / "config" / "kpis.yaml"
    kpis.write_text(kpis.read_text().replace("target: 100%", "target: 50%"))
    assert as_json(measured, *arguments) == [before]
    measured("apply", "--why", "half of it is plenty", "--yes")
    (after,) = as_json(measured, *arguments)
    assert (after["numerator"], after["denominator"]) == (6400, 70)
    assert before["definition"] != after["definition"]


def test_saturation_of_touches(measured: Run) -> None:
    """Two deals got a first touch and none was won with it; one got a second, and was."""
    found = as_json(measured, "kpis", "saturation", "--period", "2026-Q1", "--at-least", "1")
    assert [(r["channel"], r["touch"], r["deals"], r["won"], r["mark"]) for r in found] == [
        ("all", 1, 2, 0, None),
        ("all", 2, 1, 1, "peak"),
        ("call", 2, 1, 1, "peak"),
        ("email", 1, 2, 0, None),
    ]
    none = measured("kpis", "saturation", "--period", "2026-04")
    assert "No deal with a touch was decided" in none.stderr


def test_quadrants(measured: Run) -> None:
    """Effort 0.8 and outcome 0.5 are something to talk about; at 90 % neither is high."""
    found = as_json(measured, "kpis", "quadrant", "--period", "2026-Q1")
    assert [(r["family"], r["effort"], r["outcome"], r["quadrant"]) for r in found] == [
        ("all", 0.8, 0.5, "discuss"),
        ("relationship", 0.8, None, None),
        ("retention", None, None, None),
        ("revenue", None, 0.5, None),
    ]
    other = as_json(measured, "kpis", "quadrant", "--period", "2026-Q1", "--high", "90")
    assert other[0]["quadrant"] == "support"
    assert "discuss" in measured("kpis", "quadrant", "--period", "2026-Q1").stdout


@pytest.mark.parametrize(
    ("option", "subject", "sentence"),
    [
        ("--manager", "kin", "No event names this manager: 'kin'; did you mean 'kim'?"),
        ("--account", "acne", "No event opened this account: 'acne'; did you mean 'acme'?"),
        ("--manager", "nobody", "No event names this manager: 'nobody'."),
    ],
)
def test_a_scorecard_of_nobody_is_refused(
    measured: Run, option: str, subject: str, sentence: str
) -> None:
    """One sentence with the nearest name, exit code 2, and no empty scorecard."""
    done = measured("scorecard", option, subject, "--period", "2026-Q1")
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr


def test_a_manager_without_values_has_a_scorecard(measured: Run) -> None:
    """Whoever an event names is no stranger, even in a period in which nothing counts."""
    done = measured("scorecard", "--manager", "kim", "--period", "2026-04")
    assert done.returncode == 0
    assert "no evidence in this period" in done.stdout
