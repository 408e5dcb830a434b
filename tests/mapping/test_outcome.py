"""Rows as events, skipped or rejected."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kamengine.errors import MappingError
from kamengine.mapping.declaration import Mapping
from kamengine.mapping.outcome import Outcome, outcomes, source_for
from kamengine.mapping.row import encode

Read = Callable[[str], tuple[Mapping | None, list[str]]]
HEADER = "id,agent,opened,amount,stage\n"


@pytest.fixture
def run(read: Read, deals: str, tmp_path: Path) -> Callable[..., list[Outcome]]:
    """Reads rows of deals with the small mapping."""

    def run_rows(rows: str, text: str = deals) -> list[Outcome]:
        mapping, found = read(text)
        assert mapping, found
        file = tmp_path / "deals-1.csv"
        file.write_text(HEADER + rows, encoding="utf-8")
        return list(outcomes(file, mapping, ZoneInfo("Europe/Berlin")))

    return run_rows


Run = Callable[..., list[Outcome]]


def test_a_row_becomes_an_event(run: Run) -> None:
    """An event has the mapping's name before its id and as its source; empty fields are absent."""
    (first, second) = run("A1,Kim Lee,3/14/2026,10.50,Won\nA2,Kim Lee,3/15/2026,,Won\n")
    assert first.events == (
        {
            "id": "crm:deal-A1",
            "type": "deal.opened",
            "version": 1,
            "source": "crm",
            "manager_id": "kim-lee",
            "occurred_at": "2026-03-14",
            "data": {"deal_id": "A1", "amount": Decimal("10.50")},
        },
    )
    assert second.events[0]["data"] == {"deal_id": "A2"}
    assert b'"amount":10.50}' in encode(first.events[0])


def test_the_source_may_have_a_name_of_its_own(run: Run, deals: str) -> None:
    """A mapping may state what its events name as their source."""
    (only,) = run("A1,Kim,3/14/2026,1,Won\n", f"source: salesforce\n{deals}")
    assert only.events[0]["source"] == "salesforce"
    assert only.events[0]["id"] == "crm:deal-A1"


def test_skipped(run: Run) -> None:
    """A row that fits a skip condition becomes nothing, whatever else is wrong with it."""
    (only,) = run("A1,Kim Lee,never,x, Junk \n")
    assert (only.skipped, only.events, only.error) == ("junk", (), None)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            "A1,Kim,14/3/2026,1,Won",
            "occurred_at of deal.opened, column opened: This is no date of the form %m/%d/%Y: "
            "'14/3/2026'.",
        ),
        (
            "A1,Kim,,1,Won",
            "occurred_at of deal.opened, column opened: It is empty, and an event needs it",
        ),
        (
            ",Kim,3/14/2026,1,Won",
            "id of deal.opened, column id: It is empty, and an event needs it",
        ),
        ("A1,Kim,3/14/2026,1k,Won", "data.amount of deal.opened, column amount: This is no number"),
        ("A1,Kim", "It has 2 cells where 5 have a name."),
    ],
)
def test_rejected(run: Run, row: str, expected: str) -> None:
    """A row that can't be turned into events says which field, column and value."""
    bad, good = run(f"{row}\nA2,Kim,3/14/2026,1,Won\n")
    assert bad.row.line == 2
    assert bad.events == ()
    assert str(bad.error).startswith(expected)
    assert len(good.events) == 1


TWO = """
      - type: deal.opened
        id: "{id}-again"
        when: [{column: stage, in: [Won, Lost]}, {column: amount, empty: false}]
        manager_id: "{agent}"
        occurred_at: "2026-01-01"
        data: {deal_id: "{id}", probability: {column: amount, number: true}}
"""


def test_when(run: Run, deals: str) -> None:
    """An event comes of the rows that pass all of its conditions."""
    rows = "1,K,3/1/2026,5,Won\n2,K,3/1/2026,,Won\n3,K,3/1/2026,5,Open\n4,K,3/1/2026,5,Lost\n"
    assert [len(o.events) for o in run(rows, deals + TWO)] == [2, 1, 1, 2]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("equals: Won", [True, False, False]),
        ("in: [Won, Lost]", [True, True, False]),
        ("not_in: [Won]", [False, True, True]),
        ("empty: true", [False, False, True]),
        ("empty: false", [True, True, False]),
    ],
)
def test_conditions(run: Run, deals: str, condition: str, expected: list[bool]) -> None:
    """Each test of a cell, without the white space around it."""
    text = deals.replace("equals: Junk", condition)
    rows = "1,K,3/1/2026,5,Won\n2,K,3/1/2026,5,Lost\n3,K,3/1/2026,5, \n"
    assert [o.skipped is not None for o in run(rows, text)] == expected


def test_a_row_is_rejected_as_a_whole(run: Run, deals: str) -> None:
    """Where one event of a row can't be made, none of its events is."""
    sound_first = deals.replace("number: true", "lower: true") + TWO
    first_only, both = run("1,K,3/1/2026,x,Open\n2,K,3/1/2026,x,Won\n", sound_first)
    assert len(first_only.events) == 1
    assert both.events == ()
    assert str(both.error).startswith("data.probability of deal.opened, column amount")


def test_times_are_in_the_zone_of_the_mapping(run: Run, deals: str) -> None:
    """A time of day that states no zone is in the mapping's, else in the organisation's."""
    text = deals.replace("%m/%d/%Y", "%m/%d/%Y %H:%M")
    (berlin,) = run("1,K,3/1/2026 10:00,5,Won\n", text)
    (tokyo,) = run("1,K,3/1/2026 10:00,5,Won\n", f"time_zone: Asia/Tokyo\n{text}")
    assert berlin.events[0]["occurred_at"] == "2026-03-01T09:00:00Z"
    assert tokyo.events[0]["occurred_at"] == "2026-03-01T01:00:00Z"


def test_the_files_of_a_source(read: Read, deals: str) -> None:
    """A file belongs to the one source whose pattern fits its name."""
    mapping, _ = read(deals)
    assert mapping
    assert source_for(Path("x/deals-7.csv"), mapping) is mapping.sources[0]
    with pytest.raises(MappingError, match=r"No source .*'people.csv'; the patterns are deals\*"):
        source_for(Path("deals/people.csv"), mapping)
    second = deals[deals.index("  - files") :].replace("deals*.csv", "[x, '*.csv']")
    mapping, _ = read(deals + second)
    assert mapping
    with pytest.raises(MappingError, match=r"More than one .* deals\*.csv, x, \*.csv"):
        source_for(Path("deals-7.csv"), mapping)
    assert source_for(Path("x"), mapping) is mapping.sources[1]
