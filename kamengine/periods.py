"""Periods as people write them, and the half-open windows that they mean.

``2026``, ``2026-Q3``, ``2026-09``, ``2026-W37`` and ``trailing-12m@2026-09-30``. Where the
fiscal year starts in another month than January, years and quarters are the fiscal ones.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from kamengine.errors import PeriodError
from kamengine.months import Length, add_months

Kind: TypeAlias = Literal["month", "quarter", "year", "week", "trailing"]
KINDS: tuple[Kind, ...] = ("month", "quarter", "year", "week")

FORMS = "write 2026, 2026-Q3, 2026-09, 2026-W37 or trailing-12m@2026-09-30"

_SHARE = Decimal("0.000001")
_YEAR = re.compile(r"(\d{4})", re.ASCII)
_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_TRAILING = re.compile(r"trailing-([1-9]\d{0,3})([md])@(\d{4}-\d{2}-\d{2})", re.ASCII)


class Piece(msgspec.Struct, frozen=True):
    """The part of one calendar month that lies in a window.

    Attributes:
        t0: Where the piece starts.
        t1: Where it ends, exclusive.
        share: Its part of the whole month, 1 for all of it.
    """

    t0: dt.datetime
    t1: dt.datetime
    share: Decimal


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The stretches of time that a window is held against.

    Where a window is cut at "as of", they are cut as far in: by whole months and then days, so
    that 15 May is held against 15 April of the month before, and against 15 May a year ago.

    Attributes:
        previous_t0: Where the window just before starts, of the same length and kind.
        previous_t1: Where it ends; the window's own ``t0`` unless that is cut.
        year_t0: Where the fiscal year starts that holds the window's last instant. The year to
            date is the stretch from there to the window's ``t1``.
        prior_t0: Where the fiscal year before that one starts.
        prior_t1: Where the same days of that year end.
        year_ago: Twelve months before the window's ``t1``.
    """

    previous_t0: dt.datetime
    previous_t1: dt.datetime
    year_t0: dt.datetime
    prior_t0: dt.datetime
    prior_t1: dt.datetime
    year_ago: dt.datetime


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A half-open stretch of time ``[t0, t1)``.

    Attributes:
        period: As people write it.
        kind: Which sort of period it is.
        start: The first local day.
        end: The first local day after it.
        t0: The UTC instant at which ``start`` begins.
        t1: The UTC instant at which it ends, cut at "as of" while it is open.
        pieces: It, cut into calendar months.
        comparison: What it is held against.
    """

    period: str
    kind: Kind
    start: dt.date
    end: dt.date
    t0: dt.datetime
    t1: dt.datetime
    pieces: tuple[Piece, ...]
    comparison: Comparison

    @property
    def years(self) -> Decimal:
        """The window's length in years, a twelfth for each whole calendar month."""
        months = sum((piece.share for piece in self.pieces), Decimal(0))
        return (months / 12).quantize(Decimal("0.000000001"))


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation's time zone and fiscal year.

    Attributes:
        time_zone: The IANA zone in which its days begin.
        fiscal_start: The month in which its fiscal year starts.
        fiscal_named_by: Whether a fiscal year is called after the calendar year in which it
            ends (the more common way) or starts.
    """

    time_zone: ZoneInfo = ZoneInfo("UTC")
    fiscal_start: int = 1
    fiscal_named_by: Literal["start", "end"] = "end"

    def midnight(self, day: dt.date) -> dt.datetime:
        """Return the UTC instant at which a local day starts."""
        local = dt.datetime.combine(day, dt.time(), self.time_zone)
        return local.astimezone(dt.UTC)

    def local_date(self, instant: dt.datetime) -> dt.date:
        """Return the local day that contains an instant."""
        return instant.astimezone(self.time_zone).date()

    def as_of(self, text: str | None, now: dt.datetime) -> dt.datetime:
        """Return the instant at which windows still open are cut.

        A day counts whole: "as of 2026-09-30" is the midnight that ends that day, and without
        a text it is the midnight that ends today. An instant with an offset is taken as it is.

        Raises:
            PeriodError: The text is neither.
        """
        if text is None:
            return self.midnight(self.local_date(now) + dt.timedelta(days=1))
        try:
            if len(text) == len("2026-09-30"):
                return self.midnight(dt.date.fromisoformat(text) + dt.timedelta(days=1))
            instant = dt.datetime.fromisoformat(text)
        except (ValueError, OverflowError) as error:
            raise _no_date(text) from error
        if instant.tzinfo is None:
            raise _no_date(text)
        return instant.astimezone(dt.UTC)

    def after(self, day: dt.date) -> dt.datetime:
        """Return the UTC instant at which a local day ends."""
        return self.midnight(day + dt.timedelta(days=1))

    def window(self, period: str, as_of: dt.datetime | None = None) -> Window:
        """Return the window that a period means, cut at ``as_of`` where it is still open.

        Raises:
            PeriodError: The text is no period, or the period hasn't begun at ``as_of``.
        """
        try:
            kind, start, end, length = self._days(period)
            t0, t1 = self.midnight(start), self.midnight(end)
            if as_of is not None and t0 < as_of < t1:
                t1, end = as_of, self._after(as_of)
            comparison = self._compared(start, t1, length)
        except (ValueError, OverflowError) as error:
            raise PeriodError("This is no period", value=period, hint=FORMS) from error
        if as_of is not None and t0 >= as_of:
            raise PeriodError(
                f"The period hasn't begun as of {as_of.isoformat()}",
                value=period,
                hint="ask for an earlier one, or pin a later day with --as-of",
            )
        pieces = tuple(self._pieces(start, t0, t1))
        return Window(
            period=period,
            kind=kind,
            start=start,
            end=end,
            t0=t0,
            t1=t1,
            pieces=pieces,
            comparison=comparison,
        )

    def windows(self, kinds: Iterable[str], first: dt.datetime, as_of: dt.datetime) -> list[Window]:
        """Return every window of the given kinds from the one that holds ``first`` to ``as_of``."""
        last = as_of - dt.timedelta(microseconds=1)
        found: list[Window] = []
        for kind in kinds:
            day, last_day = self.local_date(min(first, last)), self.local_date(last)
            while day <= last_day:
                window = self.window(self.period_of(kind, day), as_of)
                found.append(window)
                _, _, day, _ = self._days(window.period)
        return found

    def period_of(self, kind: str, day: dt.date) -> str:
        """Return the period of a kind that contains a local day."""
        year, month_index = self._fiscal(day)
        match kind:
            case "month":
                return f"{day:%Y-%m}"
            case "quarter":
                return f"{year}-Q{month_index // 3 + 1}"
            case "year":
                return f"{year}"
            case "week":
                iso = day.isocalendar()
                return f"{iso.year}-W{iso.week:02d}"
        raise PeriodError(
            "This is no kind of period", value=kind, hint=f"one of {', '.join(KINDS)}"
        )

    def _fiscal(self, day: dt.date) -> tuple[int, int]:
        """Return the name of the fiscal year of a day, and the day's month in it from 0."""
        index = (day.month - self.fiscal_start) % 12
        first_year = day.year if day.month >= self.fiscal_start else day.year - 1
        return first_year + self._naming, index

    @property
    def _naming(self) -> int:
        return 1 if self.fiscal_start > 1 and self.fiscal_named_by == "end" else 0

    def _days(self, period: str) -> tuple[Kind, dt.date, dt.date, Length]:
        if match := _MONTH.fullmatch(period):
            start = dt.date(int(match[1]), int(match[2]), 1)
            return "month", start, add_months(start, 1), Length(months=1)
        if match := _QUARTER.fullmatch(period):
            year = dt.date(int(match[1]) - self._naming, self.fiscal_start, 1)
            start = add_months(year, 3 * (int(match[2]) - 1))
            return "quarter", start, add_months(start, 3), Length(months=3)
        if match := _YEAR.fullmatch(period):
            start = dt.date(int(match[1]) - self._naming, self.fiscal_start, 1)
            return "year", start, add_months(start, 12), Length(months=12)
        if match := _WEEK.fullmatch(period):
            start = dt.date.fromisocalendar(int(match[1]), int(match[2]), 1)
            return "week", start, start + dt.timedelta(days=7), Length(days=7)
        if match := _TRAILING.fullmatch(period):
            end, count = dt.date.fromisoformat(match[3]) + dt.timedelta(days=1), int(match[1])
            length = Length(months=count) if match[2] == "m" else Length(days=count)
            return "trailing", length.before(end), end, length
        raise ValueError(period)

    def _after(self, instant: dt.datetime) -> dt.date:
        """Return the first local day that begins at or after an instant."""
        last = self.local_date(instant - dt.timedelta(microseconds=1))
        return last + dt.timedelta(days=1)

    def _compared(self, start: dt.date, t1: dt.datetime, length: Length) -> Comparison:
        last = self._after(t1) - dt.timedelta(days=1)
        year = add_months(last.replace(day=1), -self._fiscal(last)[1])
        previous, prior = length.before(start), add_months(year, -12)
        day = self.local_date(t1)
        gone = t1 - self.midnight(day)

        def as_far(length: Length, start: dt.date, other: dt.date) -> dt.datetime:
            there, following = (
                self.midnight(length.as_far(d, start, other))
                for d in (day, day + dt.timedelta(days=1))
            )
            return min(there + gone, following, self.midnight(start))

        return Comparison(
            previous_t0=self.midnight(previous),
            previous_t1=as_far(length, start, previous),
            year_t0=self.midnight(year),
            prior_t0=self.midnight(prior),
            prior_t1=as_far(Length(months=12), year, prior),
            year_ago=self.midnight(add_months(day, -12)) + gone,
        )

    def _pieces(self, start: dt.date, t0: dt.datetime, t1: dt.datetime) -> Iterator[Piece]:
        month = start.replace(day=1)
        while (month_t0 := self.midnight(month)) < t1:
            month = add_months(month, 1)
            month_t1 = self.midnight(month)
            piece_t0, piece_t1 = max(t0, month_t0), min(t1, month_t1)
            part = Decimal((piece_t1 - piece_t0) // dt.timedelta(microseconds=1))
            whole = Decimal((month_t1 - month_t0) // dt.timedelta(microseconds=1))
            yield Piece(piece_t0, piece_t1, (part / whole).quantize(_SHARE))


def _no_date(text: str) -> PeriodError:
    return PeriodError(
        "This is neither a day nor an instant with an offset",
        value=text,
        hint="write 2026-09-30 or 2026-09-30T12:00:00Z",
    )
