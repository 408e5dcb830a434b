"""Every KPI's cases show what goes wrong first: nothing, one event, and the very edges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from kamengine.kpi import KPI
from kamengine.periods import Calendar
from kamengine.plugins import Registry
from kamengine.testing.cases import NOW, Case, CaseFile, Shown, read_cases
from tests.kpis.test_cases import FILES

CASE_FILES = [read_cases(path) for path in FILES]
CASES = [
    pytest.param(case, id=f"{file.kpi}: {case.name}") for file in CASE_FILES for case in file.cases
]
ALWAYS: frozenset[Shown] = frozenset({"empty", "single", "t0", "t1"})


@pytest.mark.parametrize("file", CASE_FILES, ids=lambda file: file.kpi)
def test_every_kpi_shows_nothing_one_and_the_edges(file: CaseFile, registry: Registry) -> None:
    """No KPI lacks the empty, the single-event and the boundary case, nor that of its own limit."""
    needed = ALWAYS | {"edge"} if has_a_limit(registry.kpi(file.kpi)) else ALWAYS
    assert needed <= {shown for case in file.cases for shown in case.shows}


@pytest.mark.parametrize("file", CASE_FILES, ids=lambda file: file.kpi)
def test_a_single_event_is_counted_as_one(file: CaseFile, registry: Registry) -> None:
    """A KPI with evidence shows what one event alone gives, or one row of evidence."""
    singles = [case for case in file.cases if "single" in case.shows]
    alone = any(len(case.given) == 1 for case in singles)
    one_row = any(expected.count == 1 for case in singles for expected in case.expect)
    assert alone or one_row or not registry.kpi(file.kpi).sql


@pytest.mark.parametrize("case", CASES)
def test_a_case_shows_what_it_says(case: Case) -> None:
    """Nothing is given where a case shows nothing, and at a window's edge something happens."""
    assert ("empty" in case.shows) <= (case.given == ())
    if {"t0", "t1"} & set(case.shows):
        assert edges(case) & set(moments(case.given, calendar_of(case)))


def has_a_limit(kpi: KPI) -> bool:
    """Return whether a KPI has a least count, or a number that an organisation may set."""
    chosen = msgspec.structs.asdict(kpi.params).values()
    return kpi.min_count > 1 or any(type(value) in {int, Decimal} for value in chosen)


def edges(case: Case) -> set[dt.datetime]:
    """Return where the windows that a case asks for start and end."""
    calendar = calendar_of(case)
    as_of = calendar.as_of(case.as_of, NOW)
    windows = [calendar.window(expected.period, as_of) for expected in case.expect]
    return {instant for window in windows for instant in (window.t0, window.t1)}


def moments(given: object, calendar: Calendar) -> Iterator[dt.datetime]:
    """Yield every day and instant that events speak of, a day as its first instant."""
    if isinstance(given, dict):
        given = list(given.values())
    if isinstance(given, list | tuple):
        for part in given:
            yield from moments(part, calendar)
    elif isinstance(given, str):
        yield from instant_of(given, calendar)


def instant_of(text: str, calendar: Calendar) -> Iterator[dt.datetime]:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return
    yield moment if moment.tzinfo else calendar.midnight(moment.date())


def calendar_of(case: Case) -> Calendar:
    settings = case.settings
    return Calendar(time_zone=ZoneInfo(settings.time_zone), fiscal_start=settings.fiscal_starts)
