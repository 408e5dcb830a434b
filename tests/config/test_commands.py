"""`config check`, `config show` and `init` as people run them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kamengine.cli import config as config_commands
from kamengine.cli import holding
from kamengine.cli.context import App
from kamengine.cli.init import init
from kamengine.config.model import Config
from kamengine.config.section import Carrier
from kamengine.errors import ConfigError, WorkspaceError
from kamengine.periods import Window
from kamengine.plugins import Registry

Run = Callable[..., Result]

NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


@pytest.fixture
def run(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command with this suite's KPIs; the log knows of one enterprise account."""
    known = holding.known_of

    def attributes_of(
        app: App, config: Config, carrier: Carrier, subject: str, window: Window
    ) -> dict[str, str]:
        enterprise = {"segment": "enterprise", "tier": "B"}
        return enterprise if subject == "globex" else known(app, config, carrier, subject, window)

    monkeypatch.setattr(holding, "known_of", attributes_of)
    root = click.Group("kamengine")
    root.add_command(config_commands.config)
    root.add_command(init)

    def invoke(*arguments: str | Path) -> Result:
        app = App(registry=registry, clock=lambda: NOW)
        return CliRunner(env={"COLUMNS": "400"}).invoke(
            root, [str(argument) for argument in arguments], obj=app
        )

    return invoke


@pytest.fixture
def workspace(run: Run, tmp_path: Path) -> Path:
    root = tmp_path / "ws"
    assert run("init", root).exit_code == 0
    return root


def test_init_names_its_files_and_the_next_commands(run: Run, tmp_path: Path) -> None:
    """Whoever made a workspace knows what to do with it."""
    result = run("init", tmp_path / "ws")

    assert f"wrote {tmp_path / 'ws' / 'config' / 'organisation.yaml'}" in result.stdout
    assert "kamengine config check" in result.stdout


def test_init_twice_is_refused(run: Run, workspace: Path) -> None:
    """The second run raises and writes nothing."""
    assert isinstance(run("init", workspace).exception, WorkspaceError)


def test_a_sound_workspace_passes(run: Run, workspace: Path) -> None:
    """Exit code 0, and what was found in one line."""
    result = run("config", "check", "-w", workspace)

    assert result.exit_code == 0
    assert result.stdout == ("Sound: 25 KPIs, 7 scorecards, 1 account with changes of its own.\n")


def test_mistakes_are_listed_with_exit_code_1(run: Run, workspace: Path) -> None:
    """A sentence a line on stdout, the count on stderr."""
    file = workspace / "config" / "kpis.yaml"
    file.write_text("nsp: {}\ncsat:\n  trget: {}\n")
    result = run("config", "check", "-w", workspace)

    assert result.exit_code == 1
    first, second = result.stdout.splitlines()
    assert first == f"{file}:1: There is no KPI of that name: 'nsp'; did you mean 'nps'?"
    assert second.startswith(f"{file}:3: 'csat' has no key of that name: 'trget'")
    assert result.stderr == "2 errors.\n"


def test_mistakes_as_json_and_csv(run: Run, workspace: Path) -> None:
    """Programs get the same complaints in parts, and nothing else on stdout."""
    (workspace / "config" / "kpis.yaml").write_text("nsp: {}\n")
    as_json = json.loads(run("config", "check", "-w", workspace, "--format", "json").stdout)
    text = run("config", "check", "-w", workspace, "--format", "csv").stdout
    (row,) = csv.DictReader(io.StringIO(text))

    assert [(c["line"], c["value"], c["hint"]) for c in as_json] == [
        (1, "nsp", "did you mean 'nps'?")
    ]
    assert (row["line"], row["value"], row["severity"]) == ("1", "nsp", "error")


def test_a_folder_that_is_no_workspace_is_an_error(run: Run, tmp_path: Path) -> None:
    """There is nothing to check, which is not the same as no complaint."""
    assert isinstance(run("config", "check", "-w", tmp_path).exception, WorkspaceError)


def test_show_says_which_line_decided_what(run: Run, workspace: Path) -> None:
    """The changes for one account stand beside what its scorecard and the organisation say."""
    result = run("config", "show", "--account", "northwind", "-w", workspace, "--format", "json")
    shown = json.loads(result.stdout)
    changed, aimed = shown["settings"][:2]

    assert (shown["scorecard"], shown["because"]) == ("standard", "it is for every account")
    assert (changed["kpi"], changed["setting"], changed["value"]) == (
        "contact_gap_days", "weight", "20",
    )  # fmt: skip
    assert changed["layer"] == "account"
    assert changed["where"] == f"{workspace}/config/accounts/northwind.yaml:{line_of(changed)}"
    assert (aimed["setting"], aimed["value"]) == ("target", "30 > 10 > 5")
    assert shown["settings"][-1]["setting"] == "removed"
    assert shown["settings"][-1]["reason"] == "All their purchasing goes through one office."


def line_of(row: Mapping[str, str]) -> int:
    """The line of a change in the example, found without the program."""
    example = Path(__file__).parents[2] / "config" / "accounts" / "northwind.yaml"
    lines = example.read_text().splitlines()
    start = lines.index(f"    {row['kpi']}:")
    return lines.index(f"      {row['setting']}: {row['value']}", start) + 1


def test_show_as_a_table_cuts_no_place_short(run: Run, workspace: Path) -> None:
    """File and line can be opened from the table, however long they are."""
    result = run("config", "show", "--account", "northwind", "-w", workspace)

    assert "account northwind: Key account" in result.stdout
    assert f"{workspace}/config/accounts/northwind.yaml:" in result.stdout
    assert "…" not in result.stdout
    assert "tier and segment of northwind aren't known" in result.stderr


def test_show_prints_what_is_written_as_it_is_written(run: Run, workspace: Path) -> None:
    """Square brackets in a reason are text, not the terminal's markup."""
    file = workspace / "config" / "accounts" / "northwind.yaml"
    agreed = "{author: Dana, until: 2027-01-01, remove: {nps: 'As agreed [see minutes].'}}"
    file.write_text(f"northwind: {agreed}\n")

    assert (
        "[see minutes]" in run("config", "show", "--account", "northwind", "-w", workspace).stdout
    )


def test_show_takes_tier_and_segment_from_the_log(run: Run, workspace: Path) -> None:
    """What the log knows decides, unless the command line says what if."""
    known = run("config", "show", "--account", "globex", "-w", workspace, "--format", "json")
    what_if = run(
        "config", "show", "--account", "globex", "--tier", "A", "-w", workspace, "--format", "json"
    )

    assert json.loads(known.stdout)["scorecard"] == "enterprise"
    assert json.loads(what_if.stdout)["scorecard"] == "strategic"


SUPPOSED = """\
usual:
  for: [account, manager]
  kpis: {nps: 1}
chemists:
  applies_to: {industry: chemicals}
  kpis: {nps: 1}
northerners:
  applies_to: {industry: chemicals, region: north, segment: enterprise}
  kpis: {nps: 1}
veterans:
  for: [account, manager]
  applies_to: {tenure: {from_month: 36}, team: [field, desk]}
  kpis: {nps: 1}
"""


@pytest.mark.parametrize(
    ("options", "scorecard"),
    [
        ("--account globex", "usual"),
        ("--account globex --industry chemicals", "chemists"),
        ("--account globex --region north", "usual"),
        ("--account globex --industry chemicals --region north", "northerners"),
        ("--account globex --in-team desk --tenure 35", "usual"),
        ("--account globex --in-team desk --tenure 36", "veterans"),
        ("--manager kim --in-team field --tenure 40", "veterans"),
        ("--manager kim --in-team field", "usual"),
    ],
)
def test_show_supposes_whatever_rules_look_at(
    options: str, scorecard: str, run: Run, workspace: Path
) -> None:
    """What rules would do is seen before anybody has the attributes."""
    (workspace / "config" / "scorecards.yaml").write_text(SUPPOSED)
    config = workspace / "config"
    for file in (config / "overrides.yaml", *config.glob("accounts/*"), *config.glob("managers/*")):
        file.unlink()
    result = run("config", "show", *options.split(), "-w", workspace, "--format", "json")

    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["scorecard"] == scorecard


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ("--manager kim --region north", "--region is of no manager."),
        ("--organisation --tenure 3", "--tenure is of no organisation."),
        ("--team field --owned-by kim", "--owned-by is of no team."),
        (
            "--account globex --tier a",
            "There is no tier of that name: 'a'; organisation.yaml lists A, B, C.",
        ),
    ],
)
def test_show_supposes_nothing_that_cannot_be(
    options: str, complaint: str, run: Run, workspace: Path
) -> None:
    """A supposition that no rule could look at is misuse, not ignored."""
    result = run("config", "show", *options.split(), "-w", workspace)

    assert result.exit_code == 2
    assert complaint in result.stderr


@pytest.mark.parametrize(
    ("option", "scorecard"),
    [(("--manager", "kim"), "manager"), (("--team", "north"), "manager"),
     (("--organisation",), "organisation")],
)  # fmt: skip
def test_show_for_others_than_accounts(
    option: tuple[str, ...], scorecard: str, run: Run, workspace: Path
) -> None:
    """Managers, teams and the organisation have their scorecards."""
    result = run("config", "show", *option, "-w", workspace, "--format", "json")

    assert json.loads(result.stdout)["scorecard"] == scorecard


@pytest.mark.parametrize("options", [[], ["--account", "a", "--manager", "b"]])
def test_show_wants_exactly_one_subject(options: list[str], run: Run, workspace: Path) -> None:
    """None and two are misuse."""
    result = run("config", "show", *options, "-w", workspace)

    assert result.exit_code == 2
    assert "Name exactly one subject" in result.stderr


def test_show_needs_sound_config(run: Run, workspace: Path) -> None:
    """With a mistake in the YAML nothing is shown that might be wrong."""
    (workspace / "config" / "kpis.yaml").write_text("nsp: {}\n")
    result = run("config", "show", "--account", "x", "-w", workspace)

    assert isinstance(result.exception, ConfigError)
    assert result.stdout == ""
