"""Something wrong in a mapping, and where in its tree it stands."""

from __future__ import annotations

import re
from typing import TypeAlias

import msgspec

Path: TypeAlias = tuple[str | int, ...]
"""The way to it: ``("sources", 0, "events", 2, "data", "kind")``."""


class Finding(msgspec.Struct, frozen=True):
    """Something that can't be followed.

    Attributes:
        path: Where it stands.
        what: What is wrong, as a clause without a full stop.
        value: The offending value.
        hint: What to write instead.
    """

    path: Path
    what: str
    value: str | None = None
    hint: str | None = None


_EXPECTED = re.compile(r"Expected `(?P<types>[\w| ]+)`, got `(?P<got>\w+)`")
_NOUNS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
    "date": "a date",
    "datetime": "an instant",
}


def in_words(said: str) -> str | None:
    """Put msgspec's complaint about a type into words; None where it is about something else.

    >>> in_words("Expected `str | null`, got `array`")
    'this must be a text, not a list'
    """
    match = _EXPECTED.fullmatch(said)
    if match is None:
        return None
    expected = [name for name in match["types"].split(" | ") if name != "null"]
    nouns = list(dict.fromkeys(_NOUNS.get(name, name) for name in expected))
    return f"this must be {' or '.join(nouns)}, not {_NOUNS.get(match['got'], match['got'])}"
