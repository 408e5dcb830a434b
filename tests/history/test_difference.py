"""Reports, restatements, and the parts of a difference: worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kamengine.errors import ReplayError
from kamengine.history.approval import Approval
from kamengine.history.difference import Difference, difference
from kamengine.history.publishing import close, reported
from kamengine.history.restatements import restatements
from kamengine.history.standpoint import Question
from tests.bakery import event
from tests.history.office import KPIS_YAML, Office, asked

FIRST = (
    event("a", "customer.assigned", "2026-01-01", "acme", "kim"),
    event("b", "customer.assigned", "2026-01-01", "bolt", "lee"),
    event("c", "customer.changed", "2026-01-01", "acme", segment="small"),
    event("1", "order.placed", "2026-01-05", "acme", order="1", amount="30", bread="rye"),
    event("2", "order.placed", "2026-01-06", "bolt", order="2", amount="120", bread="rye"),
)
LATE = event("3", "order.placed", "2026-01-07", "acme", order="3", amount="40", bread="rye")
NEW = event("4", "order.placed", "2026-01-25", "acme", order="4", amount="50", bread="rye")
TAKEN_OVER = event("5", "customer.assigned", "2026-01-06T00:00", "bolt", "kim")


def moved(office: Office, subject: str, kpi: str | None, grain: str, start: str) -> Difference:
    history = office.app.history
    ends = [history.endpoint(q, office.now) for q in (Question(as_known=start), Question())]
    return difference(history, asked(subject, "2026-01", kpi, grain), *ends)  # type: ignore[arg-type]


def ends_of(found: Difference) -> tuple[object, ...]:
    return found.was, found.becomes, found.difference


def told(found: Difference) -> list[tuple[object, ...]]:
    return [(part.cause, part.difference, part.events) for part in found.parts]


def test_new_and_late_events_and_the_definition(office: Office) -> None:
    """30, and 50 new, and 40 late; of at least 45 counts the 50 alone."""
    office.on("2026-01-20T09:00").deliver(*FIRST)
    office.on("2026-02-10T09:00").deliver(LATE, NEW)
    office.write(kpis=KPIS_YAML + "  params: {at_least: 45}\n")
    office.on("2026-02-11T09:00").apply()
    found = moved(office, "acme", "turnover", "account", "2026-01-20")
    assert ends_of(found) == (30, 50, 20)
    assert told(found) == [
        ("new events", 50, ("4",)),
        ("late events", 40, ("3",)),
        ("definition", -70, ()),
    ]
    assert sum(p.difference or 0 for p in found.parts) == found.difference


def test_ownership(office: Office) -> None:
    """Bolt's order of 6 January turns out to be Kim's: 30 become 150, and Lee's 120 none."""
    office.on("2026-02-01T09:00").deliver(*FIRST)
    office.on("2026-02-10T09:00").deliver(TAKEN_OVER)
    kim = moved(office, "kim", "turnover", "manager", "2026-02-01")
    assert told(kim) == [("ownership", 120, ("5",))]
    lee = moved(office, "lee", "turnover", "manager", "2026-02-01")
    assert told(lee) == [("ownership", -120, ("5",))]


def test_a_score_by_its_target(office: Office) -> None:
    """30 of 100 attain 0.3; of 60 they attain 0.5; with 40 more 70, of 60, all: a cap at 1."""
    office.on("2026-02-01T09:00").deliver(*FIRST)
    office.on("2026-02-10T09:00").deliver(LATE)
    office.write(kpis="turnover:\n  target: {floor: 0, target: 60}\n")
    office.on("2026-02-11T09:00").apply()
    found = moved(office, "acme", None, "account", "2026-02-01")
    assert ends_of(found)[:2] == (30, 100)
    assert told(found) == [("late events", 40, ("3",)), ("targets and weights", 30, ())]


def test_backwards_is_the_same_with_the_other_sign(office: Office) -> None:
    """From now to then, the parts are turned round."""
    office.on("2026-02-01T09:00").deliver(*FIRST)
    office.on("2026-02-10T09:00").deliver(LATE)
    history = office.app.history
    ends = [history.endpoint(q, office.now) for q in (Question(), Question(as_known="2026-02-01"))]
    found = difference(history, asked("acme", "2026-01", "turnover"), *ends)
    assert ends_of(found) == (70, 30, -40)
    assert told(found) == [("late events", -40, ("3",))]


def test_time_alone_moves_what_runs_with_it(office: Office) -> None:
    """Orders a month: one in 20 of 31 days, 0.645161 of a month; in the whole month it is one."""
    office.on("2026-01-20T09:00").deliver(*FIRST)
    office.on("2026-02-10T09:00").deliver()
    found = moved(office, "acme", "orders_a_month", "account", "2026-01-20")
    assert ends_of(found)[:2] == (Decimal("1.550001"), 1)
    assert told(found) == [("time", Decimal("-0.550001"), ())]


def test_what_was_reported_stays_beside_what_is(office: Office) -> None:
    """30 of 100 were reported; 40 came late, and the score with them."""
    office.on("2026-02-01T09:00").deliver(*FIRST)
    office.publish("2026-01")
    office.on("2026-02-10T09:00").deliver(LATE)
    (report,) = reported(office.app.log, "2026-01", "account", "acme")
    assert report.score == 30
    app = office.app
    found = restatements(app.log, app.standpoint, "2026-01", "account")
    rows: list[tuple[object, ...]] = [
        (r.subject, r.kpi, r.reported, r.now, r.difference, r.why) for r in found
    ]
    assert rows == [
        ("acme", "turnover", 30, 70, 40, ("events",)),
        ("acme", "score", 30, 70, 40, ("events",)),
    ]
    end = app.history.in_report(report.about.log_position, report.about.as_of, report.recorded_at)
    now = app.history.endpoint(Question(), office.now)
    explained = difference(app.history, asked("acme", "2026-01", "turnover"), end, now)
    assert told(explained) == [("late events", 40, ("3",))]


def test_a_closed_period_is_final(office: Office) -> None:
    """It can't be published or closed again; one that wasn't published can't be closed."""
    office.on("2026-02-01T09:00").deliver(*FIRST)
    approval = Approval("ada", "", office.now)
    with pytest.raises(ReplayError, match="Nothing was published"):
        close(office.app.log, "2026-01", approval)
    office.publish("2026-01")
    close(office.app.log, "2026-01", approval)
    office.deliver()
    with pytest.raises(ReplayError, match="is closed"):
        office.publish("2026-01")
    with pytest.raises(ReplayError, match="is closed"):
        close(office.app.log, "2026-01", approval)
    (report,) = reported(office.app.log, "2026-01", "account", "acme")
    assert report.closed


@pytest.mark.parametrize(
    ("period", "words"), [("2026-02", "hasn't ended"), ("2025-12", "Nobody has a scorecard")]
)
def test_what_can_t_be_published(office: Office, period: str, words: str) -> None:
    """A period that goes on, and one in which nothing was."""
    office.on("2026-02-10T09:00").deliver(*FIRST)
    with pytest.raises(ReplayError, match=words):
        office.publish(period)


def test_events_that_wait_keep_a_report_back(office: Office) -> None:
    """A report must not miss what is in the log."""
    office.on("2026-02-10T09:00").deliver(*FIRST)
    office.app.log.append([LATE])
    with pytest.raises(ReplayError, match="1 events are not replayed"):
        office.publish("2026-01")
