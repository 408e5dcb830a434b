"""Editing YAML: what people wrote around it stays, to the byte."""

from __future__ import annotations

import datetime as dt
import difflib
from decimal import Decimal
from pathlib import Path

import pytest

from kamengine.config.editing import with_goal, write
from kamengine.config.levels import Band, Target
from kamengine.plugins import Registry

EXAMPLE = Path(__file__).parents[2] / "config"
JULY = dt.date(2026, 7, 1)
TARGET = Target(floor=Decimal("0.5"), target=Decimal("0.875"), stretch=Decimal(1))


def changed(before: str, after: str) -> list[str]:
    """Return the lines that went and came, with - and +."""
    compared = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in compared if line[:1] in "-+"]


def test_only_the_target_changes(registry: Registry) -> None:
    """Every comment, key and blank line of the example stays where it is."""
    before = (EXAMPLE / "kpis.yaml").read_text()
    after = with_goal(before, ["csat"], registry.kpis["csat"], TARGET, JULY)

    assert changed(before, after) == [
        "-   target: {floor: 60%, target: 85%, stretch: 95%}",
        "+   target:",
        "+     - {floor: 60%, target: 85%, stretch: 95%}",
        "+     - {from: 2026-07-01, floor: 50%, target: 87.5%, stretch: 100%}",
    ]


def test_a_weight_alone_becomes_an_entry(registry: Registry) -> None:
    """On a scorecard the KPI keeps its weight."""
    before = (EXAMPLE / "scorecards.yaml").read_text()
    keys = ["small", "kpis", "csat"]
    after = with_goal(before, keys, registry.kpis["csat"], TARGET)

    assert changed(before, after) == [
        "-     csat: 15",
        "+     csat: {weight: 15, target: {floor: 50%, target: 87.5%, stretch: 100%}}",
    ]


LAYOUTS = {
    "four spaces": "nps:\n    # why\n    target: {floor: 0, target: 1} # how\n    note: n\n",
    "a list with dashes at the key": "nps:\n  target:\n  - {floor: 0, target: 1}\n  note: n\n",
    "levels on lines of their own": "nps:\n  target: # here\n    floor: 0 # low\n    target: 1\n",
    "quotes": "nps:\n  note: 'a # b'\n  target: {floor: 0, target: 1}\n",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_of_ones_own_stays(layout: str, registry: Registry) -> None:
    """However it is indented, comments and all other lines are as they were."""
    before = LAYOUTS[layout]
    goal = Target(floor=Decimal(0), target=Decimal(2))
    after = with_goal(before, ["nps"], registry.kpis["nps"], goal, JULY)

    assert "{from: 2026-07-01, floor: 0, target: 2}" in after
    for comment in ("# why", "# how", "# here", "# low", "'a # b'"):
        assert after.count(comment) == before.count(comment)
    kept = [line for line in before.splitlines() if "floor" not in line and "target" not in line]
    assert [line for line in after.splitlines() if line in kept] == kept


ADDED = "    - {from: 2026-07-01, floor: 0, target: 2}\n"
BELOW = "\n# what comes next\ncsat: {}\n"
STANDING = {
    "on a line": ("nps:\n  target: {floor: 0, target: 1} # how\n", "    - {floor: 0, target: 1}"),
    "on several": ("nps:\n  target:\n    floor: 0\n    target: 1\n", "    - floor: 0\n"),
    "in a list": ("nps:\n  target:\n    - {floor: 0, target: 1} # how\n", "    - {floor: 0"),
    "in a list, on several": (
        "nps:\n  target:\n    - floor: 0\n      target: 1 # how\n",
        "      target: 1 # how\n",
    ),
}


@pytest.mark.parametrize("standing", STANDING)
def test_what_stands_below_stays_below(standing: str, registry: Registry) -> None:
    """The heading of the next KPI isn't moved into the list of this one's targets."""
    before, kept = STANDING[standing]
    goal = Target(floor=Decimal(0), target=Decimal(2))
    after = with_goal(before + BELOW, ["nps"], registry.kpis["nps"], goal, JULY)

    assert kept in after
    assert after.count("# how") == before.count("# how")
    assert after.endswith(ADDED + BELOW)


def test_a_goal_of_the_same_day_is_replaced(registry: Registry) -> None:
    """Proposing twice doesn't leave two goals that hold at the same time."""
    nps = registry.kpis["nps"]
    once = with_goal("nps:\n  note: n\n", ["nps"], nps, Target(floor=Decimal(0), target=Decimal(1)))
    twice = with_goal(once, ["nps"], nps, Target(floor=Decimal(0), target=Decimal(2)))
    assert twice == "nps:\n  note: n\n  target: {floor: 0, target: 2}\n"

    dated = with_goal(twice, ["nps"], nps, Target(floor=Decimal(0), target=Decimal(3)), JULY)
    again = with_goal(dated, ["nps"], nps, Target(floor=Decimal(0), target=Decimal(4)), JULY)
    assert changed(dated, again) == [
        "-     - {from: 2026-07-01, floor: 0, target: 3}",
        "+     - {from: 2026-07-01, floor: 0, target: 4}",
    ]


def test_a_kpi_that_isnt_there_is_added(registry: Registry) -> None:
    """At the end, in a file that may be empty."""
    band = Band(low=Decimal(2), high=Decimal("3.5"))
    nps = registry.kpis["nps"]

    assert with_goal("", ["nps"], nps, band) == "nps:\n  band: {low: 2, high: 3.5}\n"


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    """Nothing is left beside it."""
    (tmp_path / "kpis.yaml").write_text("old")
    write(tmp_path / "kpis.yaml", "new")

    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [("kpis.yaml", "new")]
