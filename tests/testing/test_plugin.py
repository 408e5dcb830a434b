"""What the pytest plugin gives to the tests of a pack."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import metadata

import msgspec
import pytest

from kamengine.errors import EventError, ReplayError, UnknownNameError
from kamengine.plugins import Registry
from kamengine.testing.organisation import Organisation
from kamengine.testing.story import Story

pytest_plugins = ["pytester"]

PROMOTER, DETRACTOR = (
    {
        "type": "survey.responded",
        "account_id": "acme",
        "occurred_at": day,
        "data": {"kind": "nps", "score": score, "contact_id": contact},
    }
    for day, score, contact in (("2026-07-01", 10, "ann"), ("2026-08-01", 0, "bob"))
)


def test_pytest_finds_it() -> None:
    """The entry point leads to the plugin."""
    (point,) = (p for p in metadata.entry_points(group="pytest11") if p.name == "kamengine")
    assert point.value == "kamengine.testing.plugin"


def test_given_these_events_then_this_value(kam: Story) -> None:
    """One promoter is 100; one of each makes 0; what is told later counts as well."""
    kam.given(PROMOTER).as_of("2026-09-30").then("nps", period="2026-Q3", value=100, count=1)
    kam.given(DETRACTOR).then("nps", period="2026-Q3", value=0, numerator=0, denominator=2)
    kam.then("nps", period="2026-Q3", by="organisation", subject="organisation", value=0)
    kam.then("nps", period="2026-07", value="100/1").then(
        "nps", period="2026-Q2", status="undefined", reason="no evidence"
    )


def test_as_of_that_day(kam: Story) -> None:
    """An answer after "as of" isn't counted yet."""
    kam.given(PROMOTER, DETRACTOR).as_of("2026-07-15").then("nps", period="2026-Q3", value=100)
    kam.as_of("2026-08-01").then("nps", period="2026-Q3", value=0)


def test_another_value_says_in_what(kam: Story) -> None:
    """A failing expectation names value and count as they are and as they were to be."""
    kam.given(PROMOTER)
    with pytest.raises(AssertionError, match=r"value 100\.0, expected 50; .*count 1, expected 2"):
        kam.then("nps", period="2026-Q3", value=50, count=2)


def test_values_and_evidence_can_be_looked_at(kam: Story) -> None:
    """By subject, and down to the rows behind one."""
    kam.given(PROMOTER, DETRACTOR | {"account_id": "bolt"})
    found = {v.subject: v.value for v in kam.values("nps", period="2026-Q3")}
    assert found == {"acme": 100, "bolt": -100}
    (row,) = kam.explain("nps", period="2026-Q3", subject="bolt").evidence
    assert row.numerator == -100
    assert row.part == "detractor"


def test_parameters_can_be_set(kam: Story) -> None:
    """As in a case; a parameter that isn't there is told."""
    opened, resolved = (
        {
            "type": f"issue.{verb}",
            "account_id": "acme",
            "occurred_at": f"2026-07-0{day}",
            "data": {"issue_id": "i1"},
        }
        for day, verb in ((1, "opened"), (2, "resolved"))
    )
    kam.given(opened, resolved).then("issue_resolution_time", period="2026-Q3", value=24)
    with pytest.raises(msgspec.ValidationError, match="nonsense"):
        kam.with_params("issue_resolution_time", nonsense=1)


def test_what_is_unfit_is_told(kam: Story) -> None:
    """An event that the log refuses, and a KPI that nobody registers."""
    with pytest.raises(EventError, match="score"):
        kam.given(PROMOTER | {"data": {"kind": "nps", "score": 11}})
    with pytest.raises(UnknownNameError, match="did you mean 'nps'"):
        kam.then("npss", period="2026-Q3", value=1)


def test_a_kpi_that_fails_is_told(kam_registry: Registry, kam_stories: Callable[[], Story]) -> None:
    """A KPI that is parked doesn't pass for one without evidence."""
    story = kam_stories()
    broken = msgspec.structs.replace(
        kam_registry.kpi("nps"), id="broken", sql="SELECT x FROM nowhere"
    )
    story.registry = Registry()
    story.registry.kpis = {"broken": broken}
    story.registry.event_types = kam_registry.event_types
    with pytest.raises(ReplayError, match="reads nowhere, which no loaded pack registers"):
        story.given(PROMOTER).value("broken", period="2026-Q3")


def test_two_stories_can_be_compared(kam_stories: Callable[[], Story]) -> None:
    """Each has a folder of its own, and the order of telling doesn't matter."""
    one, other = kam_stories(), kam_stories()
    one.given(PROMOTER | {"id": "a"}, DETRACTOR | {"id": "b"})
    other.given(DETRACTOR | {"id": "b"}).given(PROMOTER | {"id": "a"})
    asked = [story.value("nps", period="2026-Q3") for story in (one, other)]
    assert asked[0] == asked[1]
    assert one.workspace.root != other.workspace.root


def test_an_organisation_can_be_asked(kam_organisation: Organisation) -> None:
    """A year of twelve accounts, with every event type's meaning as in the demonstration."""
    period = kam_organisation.windows[-1].period
    assert len(kam_organisation.events) > 1_000
    assert {w.kind for w in kam_organisation.windows} == {"month", "quarter", "year"}
    accounts = kam_organisation.subjects("sales_revenue", period=period)
    assert 6 <= len(accounts) <= 12
    whole = kam_organisation.value(
        "sales_revenue", period=period, by="organisation", subject="organisation"
    )
    parts = kam_organisation.values("sales_revenue", period=period)
    assert whole.numerator == sum(value.numerator or 0 for value in parts)


def test_the_cases_of_a_pack_become_tests(pytester: pytest.Pytester) -> None:
    """A marked test runs once for each case; one that fails says what differs."""
    pytester.makepyfile(
        test_pack="""
        import pytest

        @pytest.mark.kam_cases("mended")
        def test_cases(kam_case):
            assert kam_case == []
        """,
        mended="",
    )
    pack = pytester.mkpydir("mended")
    (pytester.path / "mended.py").unlink()
    cases = pack / "cases"
    cases.mkdir()
    text = _case("right", 100) + _case("wrong", 50).partition("cases:\n")[2]
    (cases / "nps.yaml").write_text(text)
    pytester.syspathinsert()
    done = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["*test_cases?nps: wrong?*", "*value 100.0, expected 50*"])


def test_a_test_without_a_pack_is_told(pytester: pytest.Pytester) -> None:
    """`kam_case` without the mark is misuse, said in one sentence."""
    pytester.makepyfile("def test_cases(kam_case): pass")
    done = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    assert done.ret != 0
    done.stdout.fnmatch_lines(["*needs @pytest.mark.kam_cases('the pack')*"])


def test_a_pack_without_cases_is_told(pytester: pytest.Pytester) -> None:
    """Nothing to run is no success."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.kam_cases("kam_nowhere")
        def test_cases(kam_case): pass
        """
    )
    done = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    assert done.ret != 0
    done.stdout.fnmatch_lines(["*kam_nowhere: no cases found; is it installed*"])


def test_loading_it_costs_nothing(pytester: pytest.Pytester) -> None:
    """A run of tests that have nothing to do with KPIs imports neither DuckDB nor Arrow."""
    pytester.makepyfile(
        """
        import sys

        def test_nothing():
            assert not {"duckdb", "pyarrow", "hypothesis", "kam_events"} & set(sys.modules)
        """
    )
    done = pytester.runpytest_subprocess(
        "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"
    )
    done.assert_outcomes(passed=1)


def _case(name: str, value: int) -> str:
    given = re.sub(r"'", '"', str(PROMOTER))
    expected = f"{{period: 2026-Q3, value: {value}}}"
    return f"kpi: nps\ncases:\n  - {{name: {name}, given: [{given}], expect: [{expected}]}}\n"
