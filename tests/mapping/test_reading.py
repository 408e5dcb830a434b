"""What is said against a mapping file, and in which line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kamengine.errors import MappingError
from kamengine.event import EventType
from kamengine.mapping.declaration import Mapping
from kamengine.mapping.field import Entry, Field
from kamengine.mapping.reading import read_mapping

Read = Callable[[str], tuple[Mapping | None, list[str]]]


def test_a_sound_file(read: Read, deals: str) -> None:
    """A file without faults is a mapping."""
    mapping, _ = read(deals)
    assert mapping
    assert mapping.name == "crm"
    assert mapping.sources[0].events[0].type == "deal.opened"


@pytest.mark.parametrize(
    ("written", "instead", "expected"),
    [
        ("name: crm", "nme: crm", "m.yaml:1: There is no key of that name here: 'nme'"),
        ("name: crm\n", "", "m.yaml:1: The key 'name' is missing here"),
        ("name: crm", "name: My CRM", "m.yaml:1: A mapping's name is lower case"),
        ("name: crm", "name: crm\ntime_zone: Mars/Base", "m.yaml:2: No time zone has this name"),
        ("name: crm", "\tname: crm", "m.yaml:1: A tab indents this line"),
        ("name: crm", "name: crm\nname: erp", "m.yaml:2: This key is given twice: 'name'"),
        ("equals: Junk", "equals: 7", "m.yaml:5: This must be a text, not a whole number: '7'"),
        ("equals: Junk, ", "", "m.yaml:5: A condition states exactly one of equals, in, not_in"),
        ("equals: Junk", "equals: a, empty: true", "m.yaml:5: A condition states exactly one of"),
        (", reason: junk", "", "m.yaml:5: The key 'reason' is missing here."),
        ("files: deals*.csv", "files: d\n    format: {encoding: u8x}", "m.yaml:4: No encoding has"),
        ("deal.opened", "deal.open", "m.yaml:7: There is no event type of that name: 'deal.open'"),
        ("deal.opened", "deal.opened\n        version: 2", "m.yaml:8: deal.opened has no such"),
        ("deal-{id}", "deal-{id", "m.yaml:8: A brace of this template has no partner: 'deal-{id'"),
        ("deal-{id}", "deal", "m.yaml:8: Every row would have the same id: 'deal'"),
        ("manager_id: {column: agent, slug: true}", "version: 1", "m.yaml:7: deal.opened needs"),
        ("column: agent", "colum: agent", "m.yaml:9: There is no key of that name here: 'colum'"),
        ("column: agent", "column: a, constant: b", "m.yaml:9: A field comes from exactly one of"),
        ("column: agent", "constant: b", "m.yaml:9: A field from constant takes no steps: 'slug'"),
        ("slug: true", "slug: true, number: true", "m.yaml:9: A field takes one of slug"),
        ("slug: true", "add_days: 1", "m.yaml:9: 'add_days' means nothing without 'date'."),
        ("slug: true", "unmapped: pass", "m.yaml:9: 'unmapped' means nothing without 'map'."),
        ("%m/%d/%Y", "%m/%d", "m.yaml:10: This is no form of a date: '%m/%d'"),
        ("%m/%d/%Y", "%Q", "m.yaml:10: This is no form of a date: '%Q'"),
        ('{column: opened, date: "%m/%d/%Y"}', "soon", "m.yaml:10: This is neither a day nor an"),
        ('{column: opened, date: "%m/%d/%Y"}', "2016-13-01", "m.yaml:10: This is neither a day"),
        ('{column: opened, date: "%m/%d/%Y"}', "2016-12-01 10:00", "m.yaml:10: This is neither"),
        ('"%m/%d/%Y"', "[]", "m.yaml:10: This can't be used (Expected array of length >= 1)"),
        ('"deal-{id}"', "{column: id, default: x}", "m.yaml:8: Rows without an id would share"),
        ("{column: agent, slug: true}", "[a]", "m.yaml:9: This must be true or false or a whole"),
        ("slug: true", "map: {a: b}, unmapped: pas", "m.yaml:9: This must be reject, pass or"),
        ('deal_id: "{id}"', "kind: new", "m.yaml:11: deal.opened needs 'deal_id'; add `deal_id: `"),
        ("amount: {", "amout: {", "m.yaml:13: deal.opened has no field of that name: 'amout'; did"),
        ("amount: {", "kind: newish\n          amount: {", "m.yaml:13: The event type refuses"),
        ("number: true", "number: yes", "m.yaml:13: This must be true or false or a mapping, not"),
        ("number: true", "map: {a: [1]}", "m.yaml:13: This must be true or false or a"),
        ("amount: {column: amount, number: true}", "probability: {column: p, default: x}",
         "m.yaml:13: The event type refuses this value: 'x'; this must be a"),
    ],
)  # fmt: skip
def test_complaints(read: Read, deals: str, written: str, instead: str, expected: str) -> None:
    """Each fault is one sentence that begins with file and line."""
    assert written in deals
    _, found = read(deals.replace(written, instead, 1))
    assert [c for c in found if c.startswith(expected)], found
    assert len(found) == 1, found


def test_the_account_that_a_type_does_not_carry(read: Read) -> None:
    """An envelope key that the event type doesn't carry is a complaint."""
    text = """\
name: hr
sources:
  - files: people.csv
    events:
      - type: manager.hired
        id: "{id}"
        account_id: "{id}"
        manager_id: "{id}"
        occurred_at: "2017-01-01"
        data: {name: "{id}", hired_on: 2017-01-01}
"""
    assert read(text)[1] == ["m.yaml:7: manager.hired carries no account_id; delete it."]


def test_two_events_of_one_id(read: Read, deals: str) -> None:
    """Two events of the same row may not have the same id, unless conditions part them."""
    rule = deals[deals.index("      - type") :]
    _, (complaint,) = read(deals + rule)
    assert complaint.startswith("m.yaml:15: The deal.opened of the same row has this id too")
    parted = [
        rule.replace("id:", f"when: {{column: stage, equals: {s}}}\n        id:", 1) for s in "AB"
    ]
    assert read(deals.replace(rule, "".join(parted)))[1] == []


def test_anchors(read: Read, deals: str) -> None:
    """A part may be written once and named again; one that holds itself is a complaint."""
    again = deals.replace("{column: amount", "&a {column: amount") + "          probability: *a\n"
    assert read(again)[1] == []
    _, (complaint,) = read(deals.replace("slug: true}", "map: &m {a: *m}}"))
    assert complaint.startswith("m.yaml:9: This part holds itself")


def test_a_file_without_end(read: Read) -> None:
    """A part that is nested very deep is a complaint, not a crash."""
    _, (complaint,) = read(f"name: {'[' * 900}{']' * 900}")
    assert complaint.startswith("m.yaml:1: This is nested too deep")


def test_words_of_yaml(read: Read, deals: str) -> None:
    """Words that some YAML readers take for something else stay words; numbers are numbers."""
    values = "{no: yes, 007: x, 1: 2, a: 1.5, b: '3', c: null, d: true}"
    mapping, found = read(
        f"{deals}          products: {{object: {{key: a, value: {{column: a, map: {values}}}}}}}\n"
    )
    assert mapping, found
    products = mapping.sources[0].events[0].data["products"]
    assert isinstance(products, Field)
    assert isinstance(products.object, Entry)
    assert isinstance(products.object.value, Field)
    assert products.object.value.map == {
        "no": "yes",
        "007": "x",
        "1": 2,
        "a": 1.5,
        "b": "3",
        "c": None,
        "d": True,
    }


@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_no_file(types: dict[str, EventType], tmp_path: Path, name: str) -> None:
    """A file that can't be opened is one clear error."""
    with pytest.raises(MappingError, match="The mapping can't be read"):
        read_mapping(tmp_path / name, types)


def test_an_empty_file(read: Read) -> None:
    """An empty file lacks its first key."""
    assert read("")[1] == ["m.yaml:1: The key 'name' is missing here."]


def test_a_list(read: Read) -> None:
    """A file that holds a list is refused in words."""
    assert read("- a\n")[1] == ["m.yaml:1: This must be a mapping, not a list."]
