"""Each step that a cell can go through on its way to a field."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kamengine.errors import MappingError
from kamengine.mapping.field import Entry, Field, Number
from kamengine.mapping.value import Json, slug_of, value_of

BERLIN = ZoneInfo("Europe/Berlin")
CELLS = {
    "name": " Gekko & Co ",
    "stage": "Won",
    "id": "A1",
    "nobody": "  ",
    "day": "3/1/2017",
    "amount": "1,054.50",
    "tags": "a; b;;c",
}


def value(**declared: object) -> Json | None:
    return value_of(Field(**declared), CELLS, BERLIN)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"column": "name"}, "Gekko & Co"),
        ({"column": "name", "strip": False}, " Gekko & Co "),
        ({"column": "name", "lower": True}, "gekko & co"),
        ({"column": "name", "slug": True}, "gekko-co"),
        ({"template": "{id}-won"}, "A1-won"),
        ({"template": "{{{id}}}"}, "{A1}"),
        ({"template": "{id} {name}", "slug": True}, "a1-gekko-co"),
        ({"template": "plain"}, "plain"),
        ({"constant": "new"}, "new"),
        ({"constant": 0}, 0),
        ({"constant": False}, False),
        ({"column": "tags", "split": ";"}, ["a", "b", "c"]),
        ({"column": "nobody"}, None),
        ({"column": "nobody", "default": "someone"}, "someone"),
        ({"column": "nobody", "split": ";"}, None),
        ({"template": "{id}-{nobody}"}, None),
        ({"template": "{id}-{nobody}", "default": 5}, 5),
    ],
)
def test_text(declared: dict[str, object], expected: object) -> None:
    """Text comes from a column, a template or a constant; what is empty gives the default."""
    assert value(**declared) == expected


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"map": {"Won": "won"}}, "won"),
        ({"map": {"Won": 3}, "number": True}, 3),
        ({"map": {"Won": True}}, True),
        ({"map": {"Won": None}}, None),
        ({"map": {"Won": None}, "default": "open"}, "open"),
        ({"map": {"won": "yes"}, "lower": True}, "yes"),
        ({"map": {"Won": "Very Good"}, "slug": True}, "very-good"),
        ({"map": {"Lost": "lost"}, "unmapped": "pass"}, "Won"),
        ({"map": {"Lost": "lost"}, "unmapped": "default", "default": "open"}, "open"),
        ({"map": {"Lost": "lost"}, "unmapped": "default"}, None),
    ],
)
def test_map(declared: dict[str, object], expected: object) -> None:
    """A value map replaces a text; what it doesn't name passes or becomes the default."""
    assert value(column="stage", **declared) == expected


def test_map_rejects() -> None:
    """A text that the map doesn't name rejects its row, unless the mapping says otherwise."""
    with pytest.raises(MappingError, match=r"column stage: The value map doesn't name this: 'Won'"):
        value(column="stage", map={"Lost": "lost"})


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("3/1/2017", {"date": "%m/%d/%Y"}, "2017-03-01"),
        ("03/01/2017", {"date": "%m/%d/%Y"}, "2017-03-01"),
        ("1.3.2017", {"date": ("%m/%d/%Y", "%d.%m.%Y")}, "2017-03-01"),
        ("2/28/2016", {"date": "%m/%d/%Y", "add_days": 1}, "2016-02-29"),
        ("12/31/2017", {"date": "%m/%d/%Y", "add_days": 1}, "2018-01-01"),
        # Berlin is an hour ahead of UTC in winter and two in summer.
        ("2017-01-05 10:30", {"date": "%Y-%m-%d %H:%M"}, "2017-01-05T09:30:00Z"),
        ("2017-07-05 10:30", {"date": "%Y-%m-%d %H:%M"}, "2017-07-05T08:30:00Z"),
        ("2017-07-05 10:30 -0500", {"date": "%Y-%m-%d %H:%M %z"}, "2017-07-05T15:30:00Z"),
        ("2017-07-05 23:30", {"date": "%Y-%m-%d %H:%M", "drop_time": True}, "2017-07-05"),
        # 2017-03-26 02:30 is skipped in Berlin, 2017-10-29 02:30 comes twice.
        ("2017-03-26 02:30", {"date": "%Y-%m-%d %H:%M"}, "2017-03-26T01:30:00Z"),
        ("2017-10-29 02:30", {"date": "%Y-%m-%d %H:%M"}, "2017-10-29T00:30:00Z"),
    ],
)
def test_date(text: str, declared: dict[str, object], expected: str) -> None:
    """A date becomes a day, and with a time of day an instant in UTC."""
    field = Field(column="day", **declared)  # type: ignore[arg-type]
    assert value_of(field, {"day": text}, BERLIN) == expected


@pytest.mark.parametrize("text", ["31/12/2017", "2/30/2017", "soon", "3/1/2017 10:00"])
def test_date_rejects(text: str) -> None:
    """What fits none of the forms, or is no day of the calendar, rejects its row."""
    field = Field(column="day", date="%m/%d/%Y")
    with pytest.raises(MappingError, match=r"column day: This is no date of the form %m/%d/%Y"):
        value_of(field, {"day": text}, BERLIN)


EUROPEAN = Number(thousands=".", decimal=",", remove="€ ")
AMERICAN = Number(thousands=",", remove="$")


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("1054", True, 1054),
        ("-7", True, -7),
        ("1054.00", True, 1054),
        ("0.10", True, Decimal("0.10")),
        ("12345678901234567890.123456", True, Decimal("12345678901234567890.123456")),
        ("$1,054,000.5", AMERICAN, Decimal("1054000.5")),
        ("1054000", AMERICAN, 1054000),
        ("1.054,5 €", EUROPEAN, Decimal("1054.5")),
    ],
)
def test_number(text: str, form: bool | Number, expected: object) -> None:
    """A number keeps every digit, whichever way its separators are written."""
    found = value_of(Field(column="n", number=form), {"n": text}, BERLIN)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("1,054", True),
        ("1.054,5", AMERICAN),
        ("1,05,4", AMERICAN),
        ("1e5", True),
        ("NaN", True),
        ("٣", True),
        ("10 000", True),
        (".5", True),
    ],
)
def test_number_rejects(text: str, form: bool | Number) -> None:
    """What isn't a number of the declared form rejects its row, rather than be guessed at."""
    with pytest.raises(MappingError, match=r"column n: This is no number of the declared form"):
        value_of(Field(column="n", number=form), {"n": text}, BERLIN)


def test_object() -> None:
    """An object has the entries whose key and value aren't empty."""
    amount = Field(column="amount", number=AMERICAN)
    entries = (Entry(key="{id}", value=amount), Entry(key="{nobody}", value=amount))
    assert value(object=entries) == {"A1": Decimal("1054.50")}
    assert value(object=entries[1:]) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Genco Pura Olive Oil Company", "genco-pura-olive-oil-company"),
        ("J-Texon", "j-texon"),
        ("  --Ünal & Söhne GmbH!", "ünal-söhne-gmbh"),
        ("株式会社", "株式会社"),
        ("a_b", "a-b"),
    ],
)
def test_slug(text: str, expected: str) -> None:
    """A slug is lower case, with one dash for all that is neither letter nor digit."""
    assert slug_of(text) == expected


def test_slug_rejects() -> None:
    """A text that leaves nothing of a slug rejects its row: it would be an id without a name."""
    with pytest.raises(MappingError, match="Nothing of this is left as a slug"):
        value_of(Field(column="a", slug=True), {"a": "&&"}, BERLIN)
