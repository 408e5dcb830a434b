"""Instants as the log keeps them: integer microseconds since 1970, UTC."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)

Clock: TypeAlias = Callable[[], dt.datetime]
"""Tells the present instant, with an offset; tests pin it."""

_BARE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def utc_now() -> dt.datetime:
    """Return the present instant."""
    return dt.datetime.now(dt.UTC)


def micros(instant: dt.datetime) -> int:
    """Turn an instant with an offset into microseconds since 1970."""
    return (instant - EPOCH) // MICROSECOND


def parse_instant(text: str, zone: ZoneInfo) -> int:
    """Read an RFC 3339 time with an offset, or a bare date as the start of that day in a zone.

    Raises:
        ValueError: It is neither; the message is a clause that says why.
    """
    if _BARE_DATE.fullmatch(text):
        try:
            day = dt.date.fromisoformat(text)
        except ValueError:
            raise ValueError("is no day of the calendar") from None
        return micros(dt.datetime.combine(day, dt.time(), zone))
    try:
        instant = msgspec.convert(text, dt.datetime)
    except msgspec.ValidationError:
        raise ValueError("is no RFC 3339 time, such as 2026-09-03T10:00:00Z") from None
    if instant.tzinfo is None:
        raise ValueError("has no offset from UTC, such as Z or +02:00")
    return micros(instant)


def format_instant(value: int) -> str:
    """Write microseconds since 1970 as RFC 3339 in UTC, with a fraction only where there is one."""
    return (EPOCH + value * MICROSECOND).isoformat().replace("+00:00", "Z")
