"""What can be said against one field of a mapping."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import msgspec

from kamengine.errors import MappingError
from kamengine.mapping.field import Field, Scalar, field_of
from kamengine.mapping.finding import Finding, Path, in_words
from kamengine.mapping.template import columns_of

INSTANT = "an instant"
"""The target of a field that takes a day or an instant, as `occurred_at` does."""

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ORIGINS = ("column", "template", "constant", "object")
_LAST_STEPS = ("slug", "date", "number")
_SAMPLE = dt.datetime(2017, 12, 31, 23, 58, 59, tzinfo=dt.UTC)
_PLAIN = Field()


def findings(path: Path, field: Field, target: object) -> Iterator[Finding]:
    """Yield all that is wrong with a field.

    Args:
        path: Where it stands.
        field: What is declared.
        target: The type that the value is for, as msgspec takes it, or `INSTANT`; None: any.
    """
    origins = [name for name in _ORIGINS if getattr(field, name) is not None]
    if len(origins) != 1:
        stated = " and ".join(origins) or None
        yield Finding(path, f"A field comes from exactly one of {', '.join(_ORIGINS)}", stated)
        return
    try:
        columns_of(field.template or "")
    except MappingError as error:
        yield Finding(path, error.what, field.template, error.hint)
        return
    yield from _of_steps(path, field, origins[0])
    yield from _of_forms(path, field)
    yield from _of_values(path, field, target)
    for number, entry in enumerate(field.entries):
        place = (*path, "object", number) if isinstance(field.object, tuple) else (*path, "object")
        for name in ("key", "value"):
            inner = (*place, name)
            yield from findings(inner, field_of(getattr(entry, name)), None)


def _of_steps(path: Path, field: Field, origin: str) -> Iterator[Finding]:
    steps = _steps(field)
    if origin in ("constant", "object") and steps:
        yield Finding((*path, steps[0]), f"A field from {origin} takes no steps", steps[0])
    last = [name for name in _LAST_STEPS if name in steps]
    if len(last) > 1:
        what = f"A field takes one of {', '.join(_LAST_STEPS)}"
        yield Finding((*path, last[1]), what, " and ".join(last))
    for step, needed in (("add_days", "date"), ("drop_time", "date"), ("unmapped", "map")):
        if step in steps and needed not in steps:
            yield Finding((*path, step), f"{step!r} means nothing without {needed!r}")


def _steps(field: Field) -> list[str]:
    """Return the names of the steps that are asked for."""
    names = [f.name for f in msgspec.structs.fields(Field) if f.name not in (*_ORIGINS, "default")]
    return [name for name in names if getattr(field, name) != getattr(_PLAIN, name)]


def _of_forms(path: Path, field: Field) -> Iterator[Finding]:
    for form in field.forms:
        try:
            fits = dt.datetime.strptime(_SAMPLE.strftime(form), form).date() == _SAMPLE.date()  # noqa: DTZ007 - the day alone
        except ValueError:
            fits = False
        if not fits:
            hint = "write it as for strptime, with year, month and day: %Y-%m-%d"
            yield Finding((*path, "date"), "This is no form of a date", form, hint)


def _of_values(path: Path, field: Field, target: object) -> Iterator[Finding]:
    """Complain of fixed values that the event type would refuse in every row."""
    fixed: list[tuple[Path, Scalar | None]] = [
        ((*path, "constant"), field.constant),
        ((*path, "default"), field.default),
    ]
    steps = _steps(field)
    if not any(step in steps for step in (*_LAST_STEPS, "split")):
        fixed += [((*path, "map", key), value) for key, value in (field.map or {}).items()]
    if field.template is not None and not columns_of(field.template) and not steps:
        fixed.append((path, field.template))
    for place, value in fixed:
        if value is not None and target is not None:
            yield from _of_value(place, value, target)


def _of_value(path: Path, value: Scalar, target: object) -> Iterator[Finding]:
    if target is INSTANT:
        if not _is_instant(value):
            hint = "write a day as 2016-10-01 and an instant as 2016-10-01T10:00:00Z"
            yield Finding(path, "This is neither a day nor an instant", str(value), hint)
        return
    try:
        msgspec.convert(value, target)
    except msgspec.ValidationError as error:
        hint = in_words(str(error)) or str(error).replace("`", "")
        yield Finding(path, "The event type refuses this value", str(value), hint)


def _is_instant(value: Scalar) -> bool:
    try:
        found = dt.datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return found.tzinfo is not None or _DAY.fullmatch(str(value)) is not None
