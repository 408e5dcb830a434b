"""Periods: what people write, which stretch of time it means, and where it is cut."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamengine.engine.session import Session
from kamengine.errors import PeriodError
from kamengine.months import add_months
from kamengine.periods import KINDS, Calendar

UTC = Calendar()
BERLIN = Calendar(time_zone=ZoneInfo("Europe/Berlin"))
AZORES = Calendar(time_zone=ZoneInfo("Atlantic/Azores"))
FUTURE = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("period", "kind", "start", "end"),
    [
        ("2026", "year", "2026-01-01", "2027-01-01"),
        ("2026-Q1", "quarter", "2026-01-01", "2026-04-01"),
        ("2026-Q4", "quarter", "2026-10-01", "2027-01-01"),
        ("2026-09", "month", "2026-09-01", "2026-10-01"),
        ("2026-12", "month", "2026-12-01", "2027-01-01"),
        ("2024-02", "month", "2024-02-01", "2024-03-01"),
        ("2026-W01", "week", "2025-12-29", "2026-01-05"),
        ("2026-W53", "week", "2026-12-28", "2027-01-04"),
        ("2020-W53", "week", "2020-12-28", "2021-01-04"),
        ("2021-W01", "week", "2021-01-04", "2021-01-11"),
        ("trailing-12m@2026-09-30", "trailing", "2025-10-01", "2026-10-01"),
        ("trailing-1m@2026-02-28", "trailing", "2026-02-01", "2026-03-01"),
        ("trailing-12m@2024-02-28", "trailing", "2023-02-28", "2024-02-29"),
        ("trailing-1m@2026-03-30", "trailing", "2026-02-28", "2026-03-31"),
        ("trailing-90d@2026-03-31", "trailing", "2026-01-01", "2026-04-01"),
        ("trailing-1d@2026-03-01", "trailing", "2026-03-01", "2026-03-02"),
    ],
)
def test_every_form_means_its_days(period: str, kind: str, start: str, end: str) -> None:
    """From the first local day up to the first that is no longer in it."""
    window = UTC.window(period)
    assert (window.kind, window.start, window.end) == (kind, day(start), day(end))
    assert (window.t0, window.t1) == (at(f"{start}T00:00Z"), at(f"{end}T00:00Z"))


@pytest.mark.parametrize(
    ("named_by", "period", "start", "end"),
    [
        ("end", "2026", "2025-04-01", "2026-04-01"),
        ("start", "2026", "2026-04-01", "2027-04-01"),
        ("end", "2026-Q1", "2025-04-01", "2025-07-01"),
        ("end", "2026-Q4", "2026-01-01", "2026-04-01"),
        ("start", "2026-Q4", "2027-01-01", "2027-04-01"),
        ("end", "2026-04", "2026-04-01", "2026-05-01"),
    ],
)
def test_a_fiscal_year_is_named_after_the_year_it_ends_or_starts_in(
    named_by: Literal["start", "end"], period: str, start: str, end: str
) -> None:
    """Years and quarters are the fiscal ones; months stay those of the calendar."""
    calendar = Calendar(fiscal_start=4, fiscal_named_by=named_by)
    window = calendar.window(period)
    assert (window.start, window.end) == (day(start), day(end))
    assert calendar.period_of(window.kind, window.start) == period
    assert calendar.period_of(window.kind, window.end) != period


def test_a_fiscal_year_that_starts_in_january_is_the_calendar_year() -> None:
    """Whichever end names it."""
    assert Calendar(fiscal_named_by="end").window("2026").start == day("2026-01-01")
    assert Calendar(fiscal_named_by="start").window("2026").start == day("2026-01-01")


@pytest.mark.parametrize(
    "period",
    [
        *("", "26", "2026-13", "2026-00", "2026-Q0", "2026-Q5", "2026-W00", "2026-W54", "2025-W53"),
        *("2026-W1", "2026-1", "20260", "Q1-2026", "2026-q1", "2026-09-30", "2026\n", " 2026"),
        *("0000", "0001-01-01", "9999", "9999-12", "9999-Q4", "2026-09\n", "\uff12026"),
        *(
            "trailing-0m@2026-01-01",
            "trailing-12m",
            "trailing-12m@2026-02-30",
            "trailing-9w@2026-01-01",
        ),
        *("trailing-9999m@0100-01-01", "trailing-1d@9999-12-31"),
    ],
)
@pytest.mark.parametrize("calendar", [UTC, BERLIN], ids=["UTC", "Berlin"])
def test_what_is_no_period_is_refused_with_the_forms(period: str, calendar: Calendar) -> None:
    """The sentence names what was written and how one writes a period."""
    with pytest.raises(PeriodError, match=r"no period: .*write 2026, 2026-Q3") as caught:
        calendar.window(period)
    assert caught.value.value == period


def test_the_first_year_there_is_has_no_midnight_in_the_east() -> None:
    """Where UTC can't express the bound, it is a period nobody can mean."""
    with pytest.raises(PeriodError, match="no period"):
        BERLIN.window("0001")


@pytest.mark.parametrize(
    ("calendar", "period", "t0", "t1"),
    [
        (BERLIN, "2026-03", "2026-02-28T23:00Z", "2026-03-31T22:00Z"),
        (BERLIN, "2026-10", "2026-09-30T22:00Z", "2026-10-31T23:00Z"),
        # São Paulo's clocks went forward at midnight: the day began at one o'clock
        (
            Calendar(time_zone=ZoneInfo("America/Sao_Paulo")),
            "trailing-1d@2018-11-04",
            "2018-11-04T03:00Z",
            "2018-11-05T02:00Z",
        ),
        # the Azores' go back at one o'clock to midnight: the day begins at the first of the two
        (AZORES, "trailing-1d@2026-10-25", "2026-10-25T00:00Z", "2026-10-26T01:00Z"),
        (
            Calendar(time_zone=ZoneInfo("Asia/Kathmandu")),
            "2026-01",
            "2025-12-31T18:15Z",
            "2026-01-31T18:15Z",
        ),
    ],
)
def test_days_begin_at_local_midnight(calendar: Calendar, period: str, t0: str, t1: str) -> None:
    """Also where clocks change on that day, and with quarter-hour offsets."""
    window = calendar.window(period)
    assert (window.t0, window.t1) == (at(t0), at(t1))


@pytest.mark.parametrize(
    "zone",
    [
        *("UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Atlantic/Azores"),
        *("America/Havana", "Asia/Gaza", "Asia/Amman", "Asia/Kathmandu", "Australia/Lord_Howe"),
    ],
)
def test_sql_and_python_agree_on_where_days_begin(zone: str) -> None:
    """The macros of the engine mean the same days as the calendar, for thirty years."""
    calendar = Calendar(time_zone=ZoneInfo(zone))
    days = [dt.date(2000, 1, 1) + dt.timedelta(days=n) for n in range(30 * 365)]
    listed = ", ".join(f"(DATE '{d}')" for d in days)
    with Session(None, calendar) as session:
        found = session.rows(
            "SELECT d, local_start(d), local_date(local_start(d)),"
            " local_date(local_start(d) - INTERVAL 1 MICROSECOND)"
            f" FROM (VALUES {listed}) AS days(d)"
        )
    starts = {row[0]: row[1].replace(tzinfo=dt.UTC) for row in found}
    assert {d: s for d, s in starts.items() if s != calendar.midnight(d)} == {}
    assert [row for row in found if row[2] != row[0]] == []
    assert [row for row in found if row[3] != row[0] - dt.timedelta(days=1)] == []


def test_an_open_window_is_cut_at_as_of() -> None:
    """Its end is the instant, and its last day the one that the instant cuts."""
    window = BERLIN.window("2026-Q3", at("2026-09-03T12:00+02:00"))
    assert (window.t1, window.end) == (at("2026-09-03T10:00Z"), day("2026-09-04"))
    whole = BERLIN.window("2026-Q3", BERLIN.as_of("2026-09-03", FUTURE))
    assert (whole.t1, whole.end) == (at("2026-09-03T22:00Z"), day("2026-09-04"))
    assert BERLIN.window("2026-Q3", whole.t0 + dt.timedelta(microseconds=1)).end == day(
        "2026-07-02"
    )
    assert BERLIN.window("2026-Q2", whole.t1) == BERLIN.window("2026-Q2")


def test_a_period_that_has_not_begun_is_refused() -> None:
    """Nothing can be said of a future window; the sentence says as of when."""
    with pytest.raises(PeriodError, match="hasn't begun as of 2026-09-30T22:00:00"):
        BERLIN.window("2026-10", BERLIN.as_of("2026-09-30", FUTURE))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-09-30", "2026-09-30T22:00Z"),
        ("2026-12-31", "2026-12-31T23:00Z"),
        ("2026-09-30T12:00:00Z", "2026-09-30T12:00Z"),
        ("2026-09-30T12:00:00+02:00", "2026-09-30T10:00Z"),
        (None, "2026-07-01T22:00Z"),
    ],
)
def test_as_of_a_day_is_its_end(text: str | None, instant: str) -> None:
    """A day counts whole, today without a text; an instant is taken as it is."""
    assert BERLIN.as_of(text, at("2026-07-01T10:00Z")) == at(instant)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-02-30", "2026-09-30T12:00:00", "9999-12-31", "2026-9-3"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    """An instant without an offset is nobody's: it isn't guessed."""
    with pytest.raises(PeriodError, match="neither a day nor an instant"):
        BERLIN.as_of(text, FUTURE)


def test_an_unknown_kind_of_period_is_refused() -> None:
    """Settings that name one are told which there are."""
    with pytest.raises(PeriodError, match="one of month, quarter, year, week"):
        UTC.period_of("decade", day("2026-01-01"))


calendars = st.builds(
    Calendar,
    time_zone=st.sampled_from(
        [ZoneInfo(z) for z in ("UTC", "Europe/Berlin", "America/Havana", "Atlantic/Azores")]
    ),
    fiscal_start=st.integers(1, 12),
    fiscal_named_by=st.sampled_from(["start", "end"]),
)
instants = st.datetimes(
    dt.datetime(1995, 1, 1),  # noqa: DTZ001 - the strategy adds the offset
    dt.datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(dt.UTC),
)


@given(calendar=calendars, kind=st.sampled_from(KINDS), ends=st.tuples(instants, instants))
def test_windows_of_a_kind_leave_no_gap_and_never_overlap(
    calendar: Calendar, kind: str, ends: tuple[dt.datetime, dt.datetime]
) -> None:
    """From the window that holds the first moment to "as of", each begins where one ended."""
    first, as_of = min(ends), max(ends) + dt.timedelta(microseconds=1)
    windows = calendar.windows([kind], first, as_of)
    assert windows[0].t0 <= first
    assert windows[-1].t1 == as_of
    assert all(a.t1 == b.t0 for a, b in itertools.pairwise(windows))
    assert all(w.t0 < w.t1 for w in windows)
    assert len({w.period for w in windows}) == len(windows)
    assert all(w == calendar.window(w.period, as_of) for w in windows)


@given(calendar=calendars, kind=st.sampled_from(KINDS), ends=st.tuples(instants, instants))
def test_the_months_of_a_window_make_up_the_window(
    calendar: Calendar, kind: str, ends: tuple[dt.datetime, dt.datetime]
) -> None:
    """Pieces follow each other from end to end; a whole month is 1, and shares of one add up."""
    window = calendar.windows([kind], min(ends), max(ends) + dt.timedelta(microseconds=1))[-1]
    pieces = window.pieces
    assert (pieces[0].t0, pieces[-1].t1) == (window.t0, window.t1)
    assert all(a.t1 == b.t0 for a, b in itertools.pairwise(pieces))
    assert all(0 <= piece.share <= 1 for piece in pieces)
    assert all(piece.share == 1 for piece in pieces[1:-1])


@given(calendar=calendars, moment=instants)
def test_a_month_cut_in_parts_is_still_one_month(calendar: Calendar, moment: dt.datetime) -> None:
    """The weeks in a month, and its cuts at an as-of, hold all of it but for rounding."""
    month = calendar.window(calendar.period_of("month", calendar.local_date(moment)))
    weeks = calendar.windows(["week"], month.t0, month.t1)
    shares = [p.share for w in weeks for p in w.pieces if month.t0 <= p.t0 and p.t1 <= month.t1]
    assert abs(sum(shares, Decimal(-1))) <= len(shares) * Decimal("0.0000005")


@pytest.mark.parametrize(
    ("period", "as_of", "years"),
    [
        ("2026", None, "1"),
        ("2024", None, "1"),
        ("2026-Q1", None, "0.25"),
        ("2026-02", None, "0.083333333"),
        ("2026", "2026-06-30", "0.5"),
        # 15 of April's 30 days: three months and a half
        ("2026", "2026-04-15", "0.291666667"),
        ("trailing-24m@2026-09-30", None, "2"),
    ],
)
def test_the_length_of_a_window_in_years(period: str, as_of: str | None, years: str) -> None:
    """A twelfth for each month, whatever its days."""
    cut = UTC.as_of(as_of, FUTURE) if as_of else None
    assert UTC.window(period, cut).years == Decimal(years)


@pytest.mark.parametrize(
    ("period", "as_of", "start", "end"),
    [
        ("2026-03", None, "2026-02-01", "2026-03-01"),
        ("2026-01", None, "2025-12-01", "2026-01-01"),
        ("2026-Q1", None, "2025-10-01", "2026-01-01"),
        ("2025", None, "2024-01-01", "2025-01-01"),
        ("2021-W01", None, "2020-12-28", "2021-01-04"),
        # what `trailing-1m@2026-02-27` means: the day before is as long a window's last
        ("trailing-1m@2026-03-30", None, "2026-01-28", "2026-02-28"),
        ("trailing-12m@2024-02-29", None, "2022-03-01", "2023-03-01"),
        ("trailing-90d@2026-03-31", None, "2025-10-03", "2026-01-01"),
        # cut: as many whole months and then days in
        ("2026-Q2", "2026-05-15", "2026-01-01", "2026-02-16"),
        ("2026", "2026-05-15", "2025-01-01", "2025-05-16"),
        ("2026-W10", "2026-03-04", "2026-02-23", "2026-02-26"),
        ("trailing-30d@2026-03-31", "2026-03-10", "2026-01-31", "2026-02-09"),
        # February is over where March has come to its 28th, and stays so
        ("2026-03", "2026-03-27", "2026-02-01", "2026-02-28"),
        ("2026-03", "2026-03-28", "2026-02-01", "2026-03-01"),
        ("2026-03", "2026-03-30", "2026-02-01", "2026-03-01"),
        # a month that is over is held against a month that is over, leap day or not
        ("2024", "2024-02-28", "2023-01-01", "2023-03-01"),
        ("2024", "2024-02-29", "2023-01-01", "2023-03-01"),
        ("2025", "2025-02-27", "2024-01-01", "2024-02-28"),
        ("2025", "2025-02-28", "2024-01-01", "2024-03-01"),
    ],
)
def test_the_window_just_before(period: str, as_of: str | None, start: str, end: str) -> None:
    """It has the same length and kind, ends where the window begins, and is cut alike."""
    cut = UTC.as_of(as_of, FUTURE) if as_of else None
    held = UTC.window(period, cut).comparison
    assert (held.previous_t0, held.previous_t1) == (at(f"{start}T00:00Z"), at(f"{end}T00:00Z"))


@pytest.mark.parametrize(
    ("fiscal_start", "period", "as_of", "year", "prior", "prior_end"),
    [
        (1, "2026-03", None, "2026-01-01", "2025-01-01", "2025-04-01"),
        (1, "2026-12", None, "2026-01-01", "2025-01-01", "2026-01-01"),
        (1, "2026", None, "2026-01-01", "2025-01-01", "2026-01-01"),
        (1, "2026", "2026-07-15", "2026-01-01", "2025-01-01", "2025-07-16"),
        (4, "2026-03", None, "2025-04-01", "2024-04-01", "2025-04-01"),
        (4, "2026-04", None, "2026-04-01", "2025-04-01", "2025-05-01"),
        (4, "2026", "2025-07-15", "2025-04-01", "2024-04-01", "2024-07-16"),
        # the year is that of the window's last day
        (1, "2026-W01", None, "2026-01-01", "2025-01-01", "2025-01-05"),
        (1, "trailing-12m@2026-03-31", None, "2026-01-01", "2025-01-01", "2025-04-01"),
        (1, "2024-02", None, "2024-01-01", "2023-01-01", "2023-03-01"),
        (1, "2025-02", None, "2025-01-01", "2024-01-01", "2024-03-01"),
        (1, "trailing-1d@2024-02-28", None, "2024-01-01", "2023-01-01", "2023-03-01"),
    ],
)
def test_the_year_to_date_and_the_same_days_of_the_year_before(
    fiscal_start: int, period: str, as_of: str | None, year: str, prior: str, prior_end: str
) -> None:
    """By the fiscal year, up to the window's end or to "as of"."""
    calendar = Calendar(fiscal_start=fiscal_start)
    held = calendar.window(period, calendar.as_of(as_of, FUTURE) if as_of else None).comparison
    assert held.year_t0 == at(f"{year}T00:00Z")
    assert held.prior_t0 == at(f"{prior}T00:00Z")
    assert held.prior_t1 == at(f"{prior_end}T00:00Z")


@pytest.mark.parametrize(
    ("period", "as_of", "year_ago"),
    [
        ("2026-03", None, "2025-04-01"),
        ("2026", "2026-07-15", "2025-07-16"),
        ("trailing-1d@2024-02-28", None, "2023-02-28"),
        ("trailing-1d@2024-02-29", None, "2023-03-01"),
    ],
)
def test_twelve_months_before_the_end(period: str, as_of: str | None, year_ago: str) -> None:
    """Where `trailing-12m` of the window's last day starts."""
    window = UTC.window(period, UTC.as_of(as_of, FUTURE) if as_of else None)
    assert window.comparison.year_ago == at(f"{year_ago}T00:00Z")
    last = window.end - dt.timedelta(days=1)
    assert window.comparison.year_ago == UTC.window(f"trailing-12m@{last}").t0


def test_a_cut_in_the_middle_of_a_day_cuts_the_day_it_is_held_against() -> None:
    """As many hours after midnight, and never into a day that isn't held against it."""
    held = BERLIN.window("2026-04", at("2026-04-15T12:00+02:00")).comparison
    assert held.previous_t1 == at("2026-03-15T12:00+01:00")
    assert held.prior_t1 == at("2025-04-15T12:00+02:00")
    assert held.year_ago == at("2025-04-15T12:00+02:00")
    leap = UTC.window("2024-02", at("2024-02-29T12:00Z")).comparison
    assert leap.prior_t1 == at("2023-03-01T00:00Z")


@given(calendar=calendars, kind=st.sampled_from(KINDS), ends=st.tuples(instants, instants))
def test_the_window_just_before_is_one_that_can_be_asked_for(
    calendar: Calendar, kind: str, ends: tuple[dt.datetime, dt.datetime]
) -> None:
    """Of a window that is over it's the whole neighbour; of an open one the beginning of it."""
    windows = calendar.windows([kind], min(ends), max(ends) + dt.timedelta(microseconds=1))
    for before, after in itertools.pairwise(windows):
        held = after.comparison
        assert held.previous_t0 == before.t0
        assert before.t0 < held.previous_t1 <= before.t1
        assert held.previous_t1 == before.t1 or after is windows[-1]
    for window in windows:
        held = window.comparison
        assert held.year_t0 < window.t1
        assert held.prior_t0 < held.prior_t1 <= held.year_t0
        assert held.previous_t0 < held.previous_t1 <= window.t0
        assert abs(window.t1 - held.year_ago - dt.timedelta(days=365.5)) < dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", -12, "2023-02-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-05-31", 0, "2026-05-31"),
    ],
)
def test_months_are_added_by_the_calendar(start: str, months: int, end: str) -> None:
    """The 31st becomes the last day of a shorter month."""
    assert add_months(day(start), months) == day(end)
