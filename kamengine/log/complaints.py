"""What msgspec objects to, said to whoever wrote the event: field, value, and what to write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from kamengine.errors import EventError
from kamengine.suggestions import suggest

LONGEST_VALUE = 60

_NOUNS = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a decimal number",
    "str": "text",
    "bool": "true or false",
    "date": "a date",
    "datetime": "a time with an offset",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_PLACE = re.compile(r"(?s)(?P<message>.*?)(?: - at `\$(?P<path>[^`]*)`)?")
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")
_CLAUSES: Sequence[tuple[re.Pattern[str], str]] = [
    (re.compile(r"Expected `datetime` with a timezone component"), "has no offset from UTC"),
    (
        re.compile(r"Expected `(?P<type>\w+)(?: \| null)?`, got `(?P<got>\w+)`"),
        "must be {0}, not {1}",
    ),
    (re.compile(r"Expected `(?P<type>\w+)` (?P<bound>.+)"), "must be {0} {2}"),
    (re.compile(r"Invalid enum value .*"), "is none of the values that it may have"),
    (re.compile(r"Invalid RFC3339 encoded datetime"), "is no RFC 3339 time"),
    (re.compile(r"Invalid RFC3339 encoded date"), "is no date"),
    (re.compile(r"Invalid decimal string"), "is no decimal number"),
    (re.compile(r"Number out of range"), "is too large"),
]
_HINTS = {
    "has no offset from UTC": "end it in Z or an offset such as +02:00",
    "is no RFC 3339 time": "write it like 2026-09-03T10:00:00Z",
    "is no date": "write it like 2026-09-03",
}
_ABSENT = re.compile(r"Object missing required field `(?P<name>.+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.+)`")


def shown(value: object) -> object:
    """Cut a value short enough to stand in a sentence."""
    if isinstance(value, Decimal):
        value = str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) > LONGEST_VALUE:
        return text[:LONGEST_VALUE] + "…"
    return value if isinstance(value, str | int | float) else text


def complaint(
    error: Exception, given: object, known: Iterable[str], choices: Sequence[str] = (), at: str = ""
) -> EventError:
    """Say what is wrong with an object.

    Args:
        error: What msgspec raised, or the payload's own check.
        given: The object as parsed JSON, to show the offending value.
        known: The fields that the object may have.
        choices: The values that the field may have, where it has a closed set.
        at: What stands before each field's name: ``data`` for a payload.
    """
    match = _PLACE.fullmatch(str(error))
    message, path = str(error), ""
    if match:
        message, path = str(match["message"]), str(match["path"] or "")
    steps = list(_STEP.finditer(path))
    field = _joined(at, path.removeprefix("."))
    if absent := _ABSENT.fullmatch(message):
        return _missing(_joined(field, absent["name"]), absent["name"], given, known)
    if unknown := _UNKNOWN.fullmatch(message):
        hint = suggest(unknown["name"], known) or f"it may have {', '.join(sorted(known))}"
        return EventError(
            "An event has no such field", value=_joined(field, unknown["name"]), hint=hint
        )
    value = _value_at(given, steps)
    clause = _clause(message)
    if clause is None:
        return EventError(f"{field}: {message}" if field else message, value=_brief(value, steps))
    near = suggest(str(value), choices) or (f"one of {', '.join(choices)}" if choices else None)
    return EventError(
        f"{field or 'The event'} {clause}", value=shown(value), hint=near or _HINTS.get(clause)
    )


def field_of(error: Exception) -> str | None:
    """Return the name of the object's field that msgspec complains of, if of one."""
    match = re.search(r"at `\$\.(\w+)", str(error))
    return match[1] if match else None


def _missing(field: str, name: str, given: object, known: Iterable[str]) -> EventError:
    others = [k for k in given if k not in set(known)] if isinstance(given, dict) else []
    near = suggest(name, others)
    hint = f"is it what was given as {near.split(chr(39))[1]!r}?" if near else None
    return EventError(f"{field} is missing", hint=hint)


def _clause(message: str) -> str | None:
    for pattern, clause in _CLAUSES:
        if match := pattern.fullmatch(message):
            parts = match.groupdict()
            wanted, got = parts.get("type", ""), parts.get("got", "")
            given = "a number with a fraction" if got == "float" else _NOUNS.get(got, got)
            return clause.format(_NOUNS.get(wanted, wanted), given, parts.get("bound", ""))
    return None


def _value_at(given: object, steps: Iterable[re.Match[str]]) -> object:
    value = given
    for step in steps:
        name, index = step["name"], step["index"]
        if name is not None and isinstance(value, dict):
            value = value.get(name)
        elif index and index.isdigit() and isinstance(value, list):
            value = value[int(index)]
    return value


def _brief(value: object, steps: Sequence[object]) -> object | None:
    return shown(value) if steps else None


def _joined(at: str, name: str) -> str:
    return f"{at}.{name}" if at and name and not name.startswith("[") else at + name
