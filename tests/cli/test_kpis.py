"""What `kpis list` and `kpis show` say."""

from __future__ import annotations

import json
from itertools import product

from kamengine import plugins
from tests.cli.conftest import Run

SHIPPED = plugins.load().kpis


def test_the_list_is_filtered_by_family_timing_and_class(run: Run) -> None:
    """Each filter narrows; together they are an intersection."""
    for family, timing in product(("relationship", "retention"), ("leading", "lagging")):
        done = run("kpis", "list", "--family", family, "--timing", timing, "--format", "json")
        found = {row["id"] for row in json.loads(done.stdout)}
        wanted = {k.id for k in SHIPPED.values() if (k.family, k.timing) == (family, timing)}
        assert found == wanted
    done = run("kpis", "list", "--class", "activity", "--format", "json")
    found = {row["id"] for row in json.loads(done.stdout)}
    assert found == {k.id for k in SHIPPED.values() if k.kind == "activity"}


def test_a_kpi_is_shown_as_in_the_catalogue(run: Run) -> None:
    """Meaning, parts, facts, parameters, lineage and SQL: the entry of the documentation."""
    shown = run("kpis", "show", "csat").stdout
    assert shown.startswith("# csat\n\n**")
    for part in ("*Inputs*:", "*Empty and null rule*:", "*Source*:", "*Example*:"):
        assert part in shown
    assert "| numerator | " in shown
    assert "| timing | lagging |" in shown
    assert "| controllable by | manager |" in shown
    assert "| events | `survey.responded` |" in shown
    assert "| `top_box` |" in shown
    assert "**SQL**\n\n```sql\n" in shown


def test_a_composite_is_shown_without_sql(run: Run) -> None:
    """What is made of scorecards has parameters and no query."""
    shown = run("kpis", "show", "kam_scorecard_score").stdout
    assert "| `from_month` | `[0,18,36]` |" in shown
    assert "| value | `Composite`: " in shown
    assert "**SQL**" not in shown


def test_a_misspelt_kpi_is_guessed(run: Run) -> None:
    """Misuse costs one sentence and exit code 2."""
    done = run("kpis", "show", "npss")
    assert done.returncode == 2
    assert "did you mean nps" in done.stderr.replace("'", "").lower()
