"""From the cells of a row to one value of an event."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from kamengine.errors import MappingError
from kamengine.mapping.field import Entry, Field, Number, Scalar, field_of
from kamengine.mapping.template import columns_of, pieces_of

Json: TypeAlias = Scalar | Decimal | list["Json"] | dict[str, "Json"]
Cells: TypeAlias = dict[str, str]

_TIMES_OF_DAY = re.compile(r"%[-_^#]?[HIMSfTRrXcsp]")
_NOT_IN_A_SLUG = re.compile(r"[\W_]+")


def value_of(field: Field, cells: Cells, zone: ZoneInfo) -> Json | None:
    """Return what a field becomes for one row; None where it is to be left out.

    Args:
        field: What the mapping declares.
        cells: The row, by column.
        zone: The time zone of times that state none.

    Raises:
        MappingError: A cell can't be turned into what is declared. ``where`` names the columns.
    """
    if field.constant is not None:
        return field.constant
    if field.object is not None:
        return _object(field.entries, cells, zone) or field.default
    text = _text(field, cells)
    try:
        value = _converted(field, text, zone)
    except MappingError as error:
        raise MappingError(
            error.what, value=error.value, where=field.origin, hint=error.hint
        ) from None
    return field.default if value is None else value


def has_time(form: str) -> bool:
    """Say whether a date form holds a time of day."""
    return _TIMES_OF_DAY.search(form.replace("%%", "")) is not None


def slug_of(text: str) -> str:
    """Return the text as a readable id: letters and digits of any script, the rest as ``-``.

    >>> slug_of("Gekko & Co")
    'gekko-co'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_IN_A_SLUG.sub("-", folded).strip("-")


def number_of(text: str, form: Number) -> Decimal | int:
    """Return a number, exactly as written; an integer where it has no fraction.

    >>> number_of("$1,054.50", Number(thousands=",", remove="$"))
    Decimal('1054.50')

    Raises:
        MappingError: It isn't written in the form that is declared.
    """
    bare = "".join(c for c in text if c not in form.remove).strip()
    group, point = re.escape(form.thousands), re.escape(form.decimal)
    grouped = rf"\d{{1,3}}(?:{group}\d{{3}})+|" if form.thousands else ""
    if not re.fullmatch(rf"[+-]?(?:{grouped}\d+)(?:{point}\d+)?", bare, re.ASCII):
        raise MappingError("This is no number of the declared form", value=text)
    plain = bare.replace(form.thousands, "") if form.thousands else bare
    number = Decimal(plain.replace(form.decimal, "."))
    return int(number) if number == number.to_integral_value() else number


def date_of(text: str, field: Field, zone: ZoneInfo) -> str:
    """Return a day as ``2017-12-31``, or an instant as RFC 3339 in UTC.

    A local time that a clock change skips or repeats is read with the offset that held before
    the change.

    Raises:
        MappingError: None of the declared forms fits.
    """
    for form in field.forms:
        try:
            parsed = dt.datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows below
        except ValueError:
            continue
        shifted = parsed + dt.timedelta(days=field.add_days)
        if field.drop_time or not has_time(form):
            return shifted.date().isoformat()
        aware = shifted if shifted.tzinfo else shifted.replace(tzinfo=zone)
        return aware.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    raise MappingError(f"This is no date of the form {' or '.join(field.forms)}", value=text)


def _text(field: Field, cells: Cells) -> str:
    if field.column is not None:
        return _cell(field, cells, field.column)
    template = field.template or ""
    if not all(_cell(field, cells, column) for column in columns_of(template)):
        return ""
    return "".join(
        _cell(field, cells, piece) if is_column else piece
        for piece, is_column in pieces_of(template)
    )


def _cell(field: Field, cells: Cells, column: str) -> str:
    return cells[column].strip() if field.strip else cells[column]


def _converted(field: Field, text: str, zone: ZoneInfo) -> Json | None:
    if field.split is None:
        return _item(field, text, zone)
    parts = (part.strip() if field.strip else part for part in text.split(field.split))
    items = (_item(field, part, zone) for part in parts)
    return [item for item in items if item is not None] or None


def _item(field: Field, text: str, zone: ZoneInfo) -> Json | None:
    if not text:
        return None
    mapped = _mapped(field, text.lower() if field.lower else text)
    if not isinstance(mapped, str):
        return mapped
    if field.slug:
        return _slug(mapped)
    if field.forms:
        return date_of(mapped, field, zone)
    if field.number is not False:
        return number_of(mapped, Number() if field.number is True else field.number)
    return mapped


def _mapped(field: Field, text: str) -> Scalar | None:
    if field.map is None or (text not in field.map and field.unmapped == "pass"):
        return text
    if text not in field.map and field.unmapped == "reject":
        raise MappingError("The value map doesn't name this", value=text)
    return field.map.get(text)


def _slug(text: str) -> str:
    slug = slug_of(text)
    if not slug:
        raise MappingError("Nothing of this is left as a slug", value=text)
    return slug


def _object(entries: tuple[Entry, ...], cells: Cells, zone: ZoneInfo) -> dict[str, Json] | None:
    found: dict[str, Json] = {}
    for entry in entries:
        key = value_of(field_of(entry.key), cells, zone)
        value = value_of(field_of(entry.value), cells, zone)
        if key is not None and value is not None:
            found[str(key)] = value
    return found or None
