"""Rows of evidence fall into the slot that their moment lies in, and into no other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamengine.engine.placement import timed
from kamengine.engine.session import Session
from kamengine.engine.windows import set_windows
from kamengine.periods import Calendar

PERIODS = ["2026-03", "2026-Q1", "2026-10", "2026-W44", "2027", "trailing-90d@2026-11-02"]
"""They overlap, have gaps between them, and hold both days on which clocks are changed."""

BEFORE, AFTER = dt.datetime(2025, 12, 30), dt.datetime(2028, 1, 2)  # noqa: DTZ001 - UTC, as SQL has it


@pytest.fixture(scope="module", params=["UTC", "America/New_York", "Pacific/Auckland"])
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    calendar = Calendar(time_zone=ZoneInfo(request.param))
    with Session(None, calendar) as session:
        set_windows(session, [calendar.window(period, None) for period in PERIODS])
        yield session


def falls(session: Session, moments: list[dt.datetime]) -> list[tuple[object, ...]]:
    """Place rows, and compare with a search through all slots; return what came of it."""
    rows = ", ".join(f"(TIMESTAMP '{moment}', NULL)" for moment in moments)
    evidence = f"(SELECT * FROM (VALUES {rows}) AS t (occurred_at, period))"
    placed = session.rows(
        f"WITH {timed(evidence)} SELECT occurred_at, slot, slot_end FROM timed ORDER BY ALL"
    )
    assert placed == session.rows(
        f"SELECT occurred_at, slot, t1 FROM {evidence}, slots"
        " WHERE occurred_at >= t0 AND occurred_at < t1 ORDER BY ALL"
    )
    return placed


@given(moments=st.lists(st.datetimes(BEFORE, AFTER), min_size=1, max_size=30))
def test_a_moment_falls_into_the_slot_it_lies_in(
    session: Session, moments: list[dt.datetime]
) -> None:
    """Each into one slot at the most, as a search through all of them finds it."""
    assert len(falls(session, moments)) <= len(moments)


def test_the_ends_of_slots_belong_to_the_next(session: Session) -> None:
    """A microsecond before an end is in the slot, the end itself is in the one after it."""
    ends = [t1 for (t1,) in session.rows("SELECT t1 FROM slots ORDER BY t1")]
    last = ends[-1]
    instant = dt.timedelta(microseconds=1)

    before = falls(session, [end - instant for end in ends])
    at = falls(session, ends)

    assert [end for _, _, end in before] == ends
    assert [moment for moment, _, _ in at] == [end for end in ends if end != last]
