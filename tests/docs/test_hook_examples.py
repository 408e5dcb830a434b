"""The examples of the hooks do what they say, where they are used."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

import kam_events
from docs.pages import hooks
from kamengine.cli import main
from kamengine.cli.context import App
from kamengine.courier.client import Courier
from kamengine.extensions import Linted, Notice
from kamengine.hookspecs import SimulationPlan
from kamengine.log.intake import Intake
from kamengine.plugins import Registry
from kamengine.replay import graph as graphs
from kamengine.settings import Settings
from kamengine.testing.cases import Case, Expectation, run_case
from tests.bakery import NOW


@pytest.fixture(scope="module")
def registry() -> Registry:
    """The vocabulary, and every example as a pack."""
    found = Registry()
    assert found.add("kam_events", kam_events).reason is None
    for hook, text in hooks.examples().items():
        module = ModuleType(hook)
        exec(compile(text, hook, "exec"), module.__dict__)
        assert found.add(hook, module).reason is None
    return found


def test_the_definitions_rest_on_what_is_there(registry: Registry) -> None:
    """Projection and KPI can be derived from the vocabulary that ships."""
    graph = graphs.build(registry, Settings())
    assert graph.broken == {}
    assert {"last_touches", "calls"} <= graph.projections.keys() | graph.kpis.keys()


def test_the_kpi_counts(registry: Registry, tmp_path: Path, bakery_courier: Courier) -> None:
    """One call beside one email."""
    given: tuple[dict[str, object], ...] = tuple(
        {
            "type": "touch.logged",
            "account_id": "acme",
            "manager_id": "kim",
            "occurred_at": "2026-07-01",
            "data": {"channel": channel},
        }
        for channel in ("call", "email")
    )
    expected = Expectation(period="2026-07", value=1, count=1)
    case = Case(name="one call", given=given, expect=(expected,))
    assert list(run_case(case, "calls", registry, tmp_path, bakery_courier)) == []


def test_both_versions_of_the_event_type_are_taken(registry: Registry) -> None:
    """Hours in the first, minutes in the second."""
    lines = b"\n".join(
        b'{"id": "%d", "type": "demo.given", "version": %d, "account_id": "acme",'
        b' "occurred_at": "2026-07-01", "data": {"product": "p", "%s": 1}}' % (v, v, unit)
        for v, unit in ((1, b"hours"), (2, b"minutes"))
    )
    admission = Intake(registry, ZoneInfo("UTC"), lambda: NOW).admit(lines)
    assert (len(admission.events), admission.rejections) == (2, [])


def test_the_simulation_is_fit_for_the_log(registry: Registry) -> None:
    """Every line is an event."""
    lines = list(registry.simulations["callers"].lines(SimulationPlan(events=5)))
    admission = Intake(registry, ZoneInfo("UTC"), lambda: NOW).admit(b"\n".join(lines))
    assert (len(admission.events), admission.rejections) == (5, [])


def test_the_lint_rule_finds_a_long_scorecard(registry: Registry) -> None:
    """Eleven KPIs are one too many."""

    def findings(count: int) -> list[str]:
        kpis = {f"kpi_{i}": {"weight": Decimal(1)} for i in range(count)}
        settings = {"scorecards": {"gold": {"kpis": kpis}}}
        linted = Linted(settings=settings, kpis=registry.kpis)
        return [found.what for found in registry.lint_rules["ten-at-most"].check(linted)]

    assert findings(11) == ["Scorecard 'gold' has 11 KPIs"]
    assert findings(10) == []


def test_the_importer_reads(registry: Registry, tmp_path: Path) -> None:
    """Columns of all records, and an empty text where one lacks a column."""
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n{"a": 2, "b": "x"}')
    table = registry.importers["json-lines"].read(tmp_path / "x.jsonl")
    assert list(table.columns) == ["a", "b"]
    assert list(table.rows) == [(1, ["1", ""]), (2, ["2", "x"])]


def test_the_notifier_writes_what_was_parked(registry: Registry, tmp_path: Path) -> None:
    """A line for each, in the workspace."""
    notice = Notice(
        workspace=tmp_path,
        position=7,
        events=1,
        recomputed=(),
        parked={"nps": "why"},
        newly_parked=("nps",),
        recovered=(),
    )
    registry.notifiers["parked-log"].notify(notice)
    assert (tmp_path / "parked.log").read_text() == "7: nps: why\n"


def test_the_form_of_output_is_markdown(registry: Registry) -> None:
    """A head, a rule, a row."""
    out = io.StringIO()
    registry.output_formats["markdown"].write([{"a": 1, "b": "x"}], ("a", "b"), out)
    assert out.getvalue() == "| a | b |\n| --- | --- |\n| 1 | x |\n"


def test_the_command_runs(registry: Registry, tmp_path: Path) -> None:
    """It lists packs, in any form."""
    app = App(tmp_path, registry)
    found = CliRunner().invoke(main, ["packs-by-version", "--format", "csv"], obj=app)
    assert found.exit_code == 0
    assert found.stdout.startswith("pack,version\nkam_events,-\n")
