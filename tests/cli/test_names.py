"""Names are for keeps: a deprecated KPI says what replaces it, one that is gone has its values."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kamengine.cli import main
from kamengine.cli.context import App
from kamengine.plugins import Registry
from tests.bakery import Pack, edited, registry_of

OLD = "turnover_in_dozens"
DEPRECATED = Pack(kpis=edited(OLD, replaced_by="turnover"))
NOTE = f"{OLD} is deprecated: turnover replaces it.\n"
ORGANISATION = "name: Acme\nreporting_currency: USD\ntime_zone: UTC\nas_of: 2026-12-31\n"
ORDER = {
    "id": "o1",
    "type": "order.placed",
    "account_id": "ann",
    "occurred_at": "2026-05-01T10:00:00Z",
    "data": {"order": "1", "amount": 24},
}

EXPLAINED = ("--kpi", OLD, "--account", "ann", "--period", "2026-05")
APPLY = ("apply", "--yes", "--why", "nobody sells by the dozen")

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace in which Ann ordered for 24."""
    root = tmp_path / "ours"
    (root / "config").mkdir(parents=True)
    (root / "config" / "organisation.yaml").write_text(ORGANISATION)
    (tmp_path / "orders.jsonl").write_text(json.dumps(ORDER))
    assert invoke(root, registry_of(), "events", "append", tmp_path / "orders.jsonl").exit_code == 0
    assert invoke(root, registry_of(DEPRECATED), "replay").exit_code == 0
    return root


def invoke(root: Path, registry: Registry, *arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], obj=App(root, registry))


@pytest.fixture
def run(folder: Path) -> Run:
    """Run a command where the old KPI is deprecated."""
    return lambda *arguments: invoke(folder, registry_of(DEPRECATED), *arguments)


@pytest.fixture
def later(folder: Path) -> Run:
    """Run a command where it isn't in force any more, and that was applied."""
    rest = without_old()
    assert invoke(folder, rest, *APPLY).exit_code == 0
    return lambda *arguments: invoke(folder, rest, *arguments)


def without_old() -> Registry:
    return registry_of(Pack(kpis=[k for k in Pack().parts[2] if k.id != OLD]))


@pytest.mark.parametrize(
    "command",
    [
        ("values", "--kpi", OLD),
        ("explain", "--kpi", OLD, "--account", "ann", "--period", "2026-05"),
        ("kpis", "show", OLD),
    ],
    ids=lambda c: c[0],
)
def test_a_deprecated_kpi_works_and_says_what_replaces_it(run: Run, command: Any) -> None:
    """On stderr, in every form; stdout is as ever."""
    for form in ("table", "json"):
        found = run(*command, "--format", form)
        assert (found.exit_code, found.stderr) == (0, NOTE)
        assert OLD in found.stdout


def test_the_catalogue_says_what_replaces_a_kpi(run: Run) -> None:
    """A field in JSON, a line of the entry for people; nothing for other KPIs."""
    listed = {k["id"]: k for k in json.loads(run("kpis", "list", "--format", "json").stdout)}
    assert listed[OLD]["replaced_by"] == "turnover"
    assert listed["turnover"]["replaced_by"] is None
    assert "| replaced by | `turnover` |" in run("kpis", "show", OLD).stdout
    assert "replaced by" not in run("kpis", "show", "turnover").stdout


def test_config_that_names_a_deprecated_kpi_is_warned(run: Run, folder: Path) -> None:
    """With the line and the one to write instead; it stays in force."""
    file = folder / "config" / "kpis.yaml"
    file.write_text(f"{OLD}:\n  note: as ever\n")
    found = run("config", "check")
    assert found.exit_code == 0
    assert (
        f"warning: {file}:1: This KPI is deprecated: '{OLD}'; turnover replaces it.\n"
    ) in found.stdout


def test_a_kpi_that_replaces_itself_is_refused() -> None:
    """It would send its reader in a circle."""
    pack = Registry().add("odd", Pack(kpis=edited(OLD, replaced_by=OLD)))
    assert "KPI turnover_in_dozens: A KPI can't be replaced by itself" in str(pack.reason)


def test_values_of_a_removed_kpi_are_printed_as_they_were(folder: Path) -> None:
    """The same row as before, and on stderr since when they stand still."""
    asked = ("values", "--kpi", OLD, "--by", "account", "--period", "2026-05", "--format=json")
    before = json.loads(invoke(folder, registry_of(DEPRECATED), *asked).stdout)
    rest = without_old()
    assert invoke(folder, rest, *APPLY).exit_code == 0
    found = invoke(folder, rest, *asked)
    assert json.loads(found.stdout) == before
    (row,) = before
    assert found.exit_code == 0
    assert (row["subject"], row["value"], row["numerator"], row["status"]) == ("ann", 2, 24, "ok")
    assert row["definition"].startswith(f"{OLD}@1#")
    assert found.stderr == (
        f"{OLD} isn't in force any more (it was in pack_0): its last values are as of"
        f" 2027-01-01 00:00 UTC and log position {row['log_position']}, by the definition"
        f" {row['definition']}.\n"
    )


def test_some_values_of_a_removed_kpi_are_picked(later: Run) -> None:
    """Periods of one kind, or one subject."""
    shown = later("values", "--kpi", OLD, "--kind", "quarter")
    assert shown.stdout.startswith(f"{OLD}, in USD, by organisation\n")
    assert "2026-Q2" in shown.stdout
    assert "2026-05" not in shown.stdout
    assert "ann" not in later("values", "--kpi", OLD, "--by=account", "--subject=bob").stdout


def test_what_a_removed_kpi_was_is_shown(later: Run) -> None:
    """Its definition is on record, with the query."""
    found = later("kpis", "show", OLD, "--format", "json")
    assert found.exit_code == 0
    told = json.loads(found.stdout)
    assert (told["kpi"], told["title"], told["unit"]) == (OLD, OLD, "money")
    assert "FROM orders" in told["sql"]


def test_a_quarantined_pack_is_named(folder: Path) -> None:
    """Where its KPIs were applied away, and it comes back broken, it is told where to look."""
    assert invoke(folder, without_old(), *APPLY).exit_code == 0
    broken = registry_of(Pack(kpis=[]))
    broken.packs.clear()
    broken.add("pack_0", object())
    found = invoke(folder, broken, "values", "--kpi", OLD)
    assert "(it was in pack_0, which is quarantined): its last values" in found.stderr


def test_what_is_gone_with_a_removed_kpi_is_said(later: Run) -> None:
    """Evidence and parts can't be asked for, and where to look is told."""
    for command in (
        ("explain", "--account", "ann", "--period", "2026-05"),
        ("values", "--part"),
    ):
        found = later(command[0], "--kpi", OLD, *command[1:])
        assert found.exit_code == 2
        assert "isn't in force any more, and what its values rested on went" in found.stderr
        assert f"`kamengine values --kpi {OLD}`" in found.stderr


def test_an_uninstalled_kpi_goes_on_as_it_was_applied(folder: Path) -> None:
    """Until it is applied that it is gone; then it is still known from which pack it came."""
    rest = without_old()
    order = folder.parent / "more.jsonl"
    order.write_text(json.dumps(ORDER | {"id": "o2", "data": {"order": "2", "amount": 36}}))
    assert invoke(folder, rest, "events", "append", order).exit_code == 0
    assert invoke(folder, rest, "replay").exit_code == 0
    asked = ("values", "--kpi", OLD, "--by", "account", "--period", "2026-05", "--format=json")
    assert json.loads(invoke(folder, rest, *asked).stdout)[0]["value"] == 5
    assert invoke(folder, rest, "explain", *EXPLAINED).exit_code == 0
    assert invoke(folder, rest, *APPLY).exit_code == 0
    found = invoke(folder, rest, *asked)
    assert json.loads(found.stdout)[0]["value"] == 5
    assert "isn't in force any more (it was in pack_0): its last values" in found.stderr


def test_a_rollback_brings_a_removed_kpi_back(later: Run) -> None:
    """It is computed as it was, and nobody speaks of values that were kept."""
    assert later("rollback", "--yes", "--why", "somebody does").exit_code == 0
    found = later("values", "--kpi", OLD, "--by", "account", "--period", "2026-05")
    assert found.exit_code == 0
    assert "ann" in found.stdout
    assert "in force any more" not in found.stderr
    assert later("explain", *EXPLAINED).exit_code == 0


def test_a_name_that_never_was_is_unknown(later: Run) -> None:
    """Nothing is kept of it, and the nearest name is suggested."""
    found = later("values", "--kpi", "turnovr")
    assert found.exit_code == 2
    assert "There is no KPI of that name: 'turnovr'" in found.stderr
