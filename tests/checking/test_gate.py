"""The gate: what computing brings to light, and which badge is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from kamengine import plugins
from kamengine.checking import delivery
from kamengine.checking.checks import CHECKS
from kamengine.checking.corpus import corpus
from kamengine.checking.finding import BADGES, Finding, Report, earned
from kamengine.checking.gate import check_pack, examined
from kamengine.checking.independence import independent
from kamengine.checking.subject import Subject
from kamengine.courier.client import Courier
from kamengine.replay.narrowing import narrowed
from kamengine.settings import Limits
from kamengine.testing.worked import case_files
from tests.checking.conftest import Break, Edit

KPI, PROJECTION, CASES = "/visit_hours.py", "/visits.py", "/acme_visit_hours.yaml"
WHOLE_QUERY = "  SELECT visit.account_id, windows.period, sum(visit.minutes) AS numerator"
NUMBERS = """
WITH RECURSIVE numbers AS (
    SELECT 1 AS n
    UNION ALL
    SELECT n % 9 + 1 FROM numbers WHERE n > 0
)
"""
Look = Callable[..., Report]


def test_a_new_pack_is_gold(look: Look) -> None:
    """What `plugins new` makes has nothing against it, and was tried on many events."""
    report = look()
    assert report.findings == ()
    assert (report.badge, report.next) == ("gold", None)
    assert report.events > 1_000


@pytest.mark.parametrize(
    ("edit", "check", "badge", "what", "mend"),
    [
        pytest.param(
            (KPI, "minutes AS numerator", "row_number() OVER (ORDER BY visit_id) AS numerator"),
            "parts",
            "bronze",
            "others account by account than at once",
            "partition windows by account_id",
            id="a rank among all accounts",
        ),
        pytest.param(
            (PROJECTION, "occurred_at DESC, id DESC", "event_id DESC"),
            "order",
            "bronze",
            "others in another order than at once",
            "order by (occurred_at, id)",
            id="the last that came in, not the last that happened",
        ),
        pytest.param(
            (KPI, "minutes AS numerator", "CAST(visit_id AS DECIMAL(38, 6)) AS numerator"),
            "computing",
            "none",
            "Could not convert string",
            "let the query bear",
            id="SQL that fails on some rows",
        ),
        pytest.param(
            (PROJECTION, 'key=("account_id", "visit_id")', 'key=("account_id",)'),
            "keys",
            "none",
            "7 keys have several rows: of account_id, account-1 is one",
            "name all columns that tell rows apart",
            id="a key that isn't one",
        ),
        pytest.param(
            (CASES, "period: 2026-Q3, value: 2,", "period: 2026-Q3, value: 3,"),
            "cases",
            "bronze",
            "'an hour and a half, and half an hour': acme_visit_hours of account bolt in 2026-Q3:"
            " value 2.0, expected 3",
            "mend the KPI; or the case",
            id="a case that fails",
        ),
        pytest.param(
            (CASES, "cases:", "causes:"),
            "cases",
            "bronze",
            "unknown field `causes`",
            "has the form",
            id="a file that is no file of cases",
        ),
        pytest.param(
            (CASES, "visit.minutes >= $shortest", "visit.minutes > $shortest"),
            "independence",
            "silver",
            "its independent query says otherwise",
            "work that one out by hand",
            id="two answers",
        ),
        pytest.param(
            (CASES, "FROM acme_visit_logged AS visit", "FROM acme_visits AS visit"),
            "independence",
            "silver",
            "It reads acme_visits",
            "no projection",
            id="a query that isn't independent",
        ),
        pytest.param(
            (CASES, "visit.minutes >= $shortest", "visit.minutes < 0"),
            "independence",
            "silver",
            "returns nothing",
            "reads what happens",
            id="a query that says nothing",
        ),
        pytest.param(
            (CASES, "sum(visit.minutes) AS numerator", "sum(visit.minutes) AS value"),
            "independence",
            "silver",
            "no `period` or no `numerator`",
            "return period, numerator",
            id="a query without a numerator",
        ),
        pytest.param(
            (CASES, "sum(visit.minutes) AS numerator", "sum(visit.minuets) AS numerator"),
            "independence",
            "silver",
            "minuets",
            "mend it",
            id="a query that names what isn't there",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_found_and_costs_its_badge(
    look: Look, edit: Edit, check: str, badge: str, what: str, mend: str
) -> None:
    """What computing shows is named with an example, and leaves the badge below its check."""
    report = look(edit)
    found = [finding for finding in report.faults if finding.check == check]
    assert found, report.findings
    assert what in found[0].what
    assert mend in found[0].mend
    assert report.badge == badge


def test_a_query_without_end_is_stopped(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a fault like any other that keeps a KPI from being computed, and is told once."""
    hasty = msgspec.structs.replace(delivery.SETTINGS, limits=Limits(seconds=0.5))
    monkeypatch.setattr(delivery, "SETTINGS", hasty)
    endless = "(SELECT max(n) FROM numbers) > 0 AND minutes >= $shortest"
    report = look(
        (KPI, 'sql="""', f'duckdb_only="on purpose",\n    sql="""{NUMBERS}'),
        (KPI, "minutes >= $shortest", endless),
    )
    (finding,) = report.faults
    assert finding.check == "computing"
    assert "It was stopped after 0.5 s" in finding.what
    assert report.badge == "none"


def test_what_cannot_be_bound_is_told_once(look: Look) -> None:
    """That it can't be computed either goes without saying."""
    report = look((KPI, "    minutes AS numerator", "    minute AS numerator"))
    assert [f.check for f in report.faults if f.check in {"binding", "computing"}] == ["binding"]


def test_a_finding_without_a_place_is_led_to_the_declaration(look: Look) -> None:
    """What is missing in the words of a KPI is told where it gets its id."""
    report = look((KPI, '    source="our own",\n', ""), (KPI, 'unit="hours"', 'unit=""'))
    assert {f.check: f.where for f in report.faults} == {
        "declaration": "kam_acme/visit_hours.py:19:5",
        "documentation": "kam_acme/visit_hours.py:19:5",
    }


def test_what_is_missing_is_no_fault(broken: Break, courier: Courier, tmp_path: Path) -> None:
    """Without cases the pack is bronze, and is told what to do for silver."""
    registry, pack = broken()
    (tmp_path / "kam-acme" / "kam_acme" / "cases" / "acme_visit_hours.yaml").unlink()
    report = check_pack(registry, pack, courier)
    assert report.faults == ()
    assert (report.badge, report.next) == ("bronze", "silver")
    assert {finding.check for finding in report.findings} == {"cases", "independence"}
    assert "kam_acme/cases, a file a KPI" in report.findings[0].mend


def test_a_quarantined_pack_has_no_badge(look: Look) -> None:
    """The reason of its quarantine is its one finding: SQL that asks the clock, say."""
    report = look((KPI, "WHERE minutes >= $shortest", "WHERE occurred_at < now()"))
    (finding,) = report.findings
    assert (finding.check, report.badge, report.next) == ("loading", "none", "bronze")
    assert "the clock" in finding.what


@pytest.mark.parametrize(
    ("checks", "badge"),
    [
        ((), "gold"),
        (("independence",), "silver"),
        (("cases", "independence"), "bronze"),
        (("order",), "bronze"),
        (("loading",), "none"),
        (("independence", "binding"), "none"),
    ],
)
def test_a_badge_needs_all_below_it(checks: tuple[str, ...], badge: str) -> None:
    """The badge is the one below the least that something is in the way of."""
    findings = tuple(Finding(check=c, of="x", what="x", mend="x") for c in checks)
    found, following = earned(findings, CHECKS)
    assert found == badge
    assert following == {"none": "bronze", "bronze": "silver", "silver": "gold"}.get(badge)


def test_every_badge_is_earned_by_something() -> None:
    """No check is for a badge that isn't there, and each badge asks for more than the last."""
    assert {check.badge for check in CHECKS} == set(BADGES) - {"none"}
    assert len({check.name for check in CHECKS}) == len(CHECKS)


SHIPPED = plugins.load()


def test_a_pack_that_ships_was_found_twice(courier: Courier, tmp_path: Path) -> None:
    """The queries in its cases say the same as its KPIs, of managers; what else gold takes is
    looked at with the KPIs of all packs."""
    files = {file.kpi: file for file in case_files("kam_learning")}
    registry = narrowed(SHIPPED, files, delivery.SETTINGS)
    trial = delivery.Trial(tmp_path, registry, courier, corpus(registry, list(files.values())))
    own = [kpi for kpi in SHIPPED.kpis.values() if kpi.family == "learning"]
    assert len(own) == len(files) == 7
    found = [f for kpi in own for f in independent(kpi, files[kpi.id], trial.reader)]
    assert found == []
    assert trial.parked == {}


def test_what_cases_and_a_simulation_tell_is_among_the_events() -> None:
    """Their events are as likely to be of this year as those by chance are of the years before."""
    told = corpus(SHIPPED, case_files("kam_learning"))
    origins = Counter(str(event["id"]).rpartition("-")[0].rstrip("-0123456789") for event in told)
    assert origins["invented"] > 1_000
    assert origins["employee_satisfaction"] == 66
    assert sum(event["occurred_at"] > "2026" for event in told) > 1_000


@pytest.mark.parametrize("pack", SHIPPED.packs, ids=lambda pack: pack.name)
def test_nothing_can_be_read_off_the_packs_that_ship(pack: plugins.Pack) -> None:
    """They keep what they ask of others, as far as it shows without computing."""
    assert list(examined(Subject(SHIPPED, pack))) == []
