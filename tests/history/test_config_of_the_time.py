"""A period is shown and scored with the config that holds for it, whatever was written since."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kamengine.cli import main
from tests.history.office import CARDS, KPIS_YAML, Office
from tests.history.test_applying import ORDERS

FEBRUARY = dt.date(2026, 2, 1)
JANUARYS = "0 < 100 < 200"

Run = Callable[..., Result]


@pytest.fixture
def parted(office: Office) -> Office:
    """A target of 100 up to January, of 50 from February on, and one of 70 that isn't applied."""
    office.deliver(*ORDERS)
    office.write(kpis=KPIS_YAML.replace("target: 100", "target: 50"))
    office.apply(effective_from=FEBRUARY)
    office.write(kpis=KPIS_YAML.replace("target: 100", "target: 70"))
    return office


@pytest.fixture
def run(parted: Office) -> Run:
    return lambda *arguments: CliRunner().invoke(main, list(arguments), obj=parted.app)


def goal(run: Run, *more: str) -> tuple[str, str]:
    """Return the target of acme's turnover, and where it stands."""
    done = run("config", "show", "--account", "acme", "--format", "json", *more)
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    (target,) = [row["value"] for row in told["settings"] if row["setting"] == "target"]
    return target, told["config"]


def test_a_period_keeps_the_config_that_holds_for_it(run: Run) -> None:
    """January has its own target; February what is written, or what was applied."""
    assert goal(run, "--period", "2026-01") == (JANUARYS, "applied")
    assert goal(run, "--period", "2026-02") == ("0 < 70 < 200", "written")
    assert goal(run, "--period", "2026-02", "--applied") == ("0 < 50 < 200", "applied")


def test_it_is_said_which_config_is_shown(run: Run) -> None:
    """Whose lines they are, and that what is written isn't applied."""
    asked = ("config", "show", "--account", "acme", "--period")
    january, february = run(*asked, "2026-01"), run(*asked, "2026-02")
    assert "2026-01 keeps the config that holds for periods before 2026-02-01" in january.stderr
    assert "for 2026-01, as applied" in january.stdout
    assert "this isn't applied yet" in february.stderr
    assert "for 2026-02, as written" in february.stdout


def test_who_has_a_kpi_is_answered_by_the_config_of_the_time(parted: Office, run: Run) -> None:
    """Nobody has turnover any more as it is written, and everybody had it in January."""
    parted.write(
        scorecards=CARDS.replace("turnover", "orders_a_month"),
        kpis=f"{KPIS_YAML}orders_a_month:\n  target: {{floor: 0, target: 2}}\n",
    )

    def having(period: str, *more: str) -> list[Any]:
        asked = ("config", "who", "--kpi", "turnover", "--by", "account", "--period", period)
        done = run(*asked, "--format", "json", *more)
        assert done.exit_code == 0, done.stderr
        return [(row["subject"], row["goal"]) for row in json.loads(done.stdout)]

    assert having("2026-02") == []
    assert ("acme", "0 < 50 < 200") in having("2026-02", "--applied")
    assert ("acme", JANUARYS) in having("2026-01")


def test_a_scorecard_goes_by_the_config_of_the_time(run: Run) -> None:
    """January is held against 100, February against 50, and nothing against what is written."""

    def target(period: str, *more: str) -> object:
        asked = ("scorecard", "--account", "acme", "--period", period, "--format", "json", *more)
        done = run(*asked)
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)["kpis"][0]["target"]

    assert [target(period) for period in ("2026-01", "2026-02")] == [100, 50]


def test_the_past_knows_what_earlier_scorecards_had(parted: Office, run: Run) -> None:
    """Asked as of today, January has its value, though no scorecard of later periods has it."""
    parted.write(
        scorecards=CARDS.replace("turnover", "orders_a_month"),
        kpis=f"{KPIS_YAML}orders_a_month:\n  target: {{floor: 0, target: 2}}\n",
    )
    parted.apply(effective_from=dt.date(2026, 3, 1))
    asked = ("scorecard", "--account", "acme", "--period", "2026-01", "--format", "json")
    now, known = (run(*asked, *past) for past in ((), ("--as-known", "2026-03-01")))
    assert known.exit_code == 0, known.stderr
    value = json.loads(now.stdout)["kpis"][0]["value"]
    assert value == 120
    assert json.loads(known.stdout)["kpis"][0]["value"] == value
