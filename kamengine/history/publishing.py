"""Scorecards as they were reported: frozen as events, and set beside what is true now."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import msgspec

from kamengine.config.section import CARRIERS
from kamengine.errors import ReplayError, UnknownNameError
from kamengine.history.approval import Approval, new_record
from kamengine.history.standpoint import Standpoint
from kamengine.log.contract import EventLog, NewEvent
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.periods import Window
from kamengine.replay.book import instant
from kamengine.scorecard.card import Line, Scorecard
from kamengine.vocabulary import (
    PERIOD_CLOSED,
    SCORECARD_PUBLISHED,
    PeriodClosed,
    ScorecardPublished,
)


class ReportedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A KPI as it was reported.

    Attributes:
        kpi: The KPI's id.
        value: The value; None where there was none.
        numerator: Exact.
        denominator: Exact.
        count: Rows of evidence.
        unit: Of the value.
        status: Whether there was a value.
        reason: Why there was none, or what was said beside it.
        definition: The label of the definition.
        attainment: How much of its goal it attained, as a fraction.
        weight: Its weight.
        points: What it brought to the score, as a fraction.
    """

    kpi: str
    value: float | None
    numerator: Decimal | None
    denominator: Decimal | None
    count: int
    unit: str
    status: str
    reason: str | None
    definition: str
    attainment: str | None
    weight: Decimal
    points: str | None


class ReportedCard(msgspec.Struct, frozen=True, kw_only=True):
    """A scorecard as it was reported.

    Attributes:
        title: The name that people read.
        score: As a fraction; None where there was none.
        reason: Why there was none.
        lines: One for each KPI, in the order of the scorecard.
    """

    title: str
    score: str | None
    reason: str | None
    lines: tuple[ReportedLine, ...]


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """A published scorecard, and where it stands in the log.

    Attributes:
        position: Of its event.
        recorded_at: When it was published.
        about: Whose it is, for which period, and what its values knew.
        card: The scorecard.
        closed: Whether the period was closed since.
    """

    position: int
    recorded_at: dt.datetime
    about: ScorecardPublished
    card: ReportedCard
    closed: bool

    @property
    def score(self) -> Fraction | None:
        """The score that was reported."""
        return None if self.card.score is None else Fraction(self.card.score)

    def line(self, kpi: str) -> ReportedLine | None:
        """Return a KPI of the scorecard."""
        return next((line for line in self.card.lines if line.kpi == kpi), None)


def publish(
    log: SQLiteEventLog, present: Standpoint, period: str, approval: Approval
) -> tuple[int, int]:
    """Put everybody's scorecard of a period on record, all of them or none.

    Args:
        log: The log.
        present: Where things stand.
        period: The period.
        approval: Who publishes, and why.

    Returns:
        How many scorecards, and the position of the last of them.

    Raises:
        ReplayError: The period is closed or hasn't ended, events aren't replayed yet, or nobody
            has a scorecard for it.
    """
    window = _publishable(log, present, period)
    publication = uuid.uuid4().hex[:12]
    cards = list(_cards(present, window))
    if not cards:
        raise ReplayError("Nobody has a scorecard with a value in this period", value=period)
    head = present.reader.head
    events = [
        _published(card, publication, head.position, instant(head.as_of), approval)
        for card in cards
    ]
    receipt = log.append(events)
    return receipt.appended, receipt.head.position


def close(log: SQLiteEventLog, period: str, approval: Approval) -> int:
    """Make a period's published scorecards final.

    Returns:
        The position of the record.

    Raises:
        ReplayError: It is closed already, or nothing was published for it.
    """
    _refuse_closed(log, period)
    if next(reported(log, period), None) is None:
        raise ReplayError(
            "Nothing was published for this period",
            value=period,
            hint=f"run `kamengine publish --period {period}` first",
        )
    payload = PeriodClosed(period=period, by=approval.by, why=approval.why)
    event = new_record(PERIOD_CLOSED, f"{period}/closed", payload, approval.at)
    return log.append([event]).head.position


def reported(
    log: EventLog,
    period: str,
    subject_type: str | None = None,
    subject: str | None = None,
    upto: int | None = None,
) -> Iterator[Reported]:
    """Yield the scorecards last published for a period, one for each subject.

    Args:
        log: The log.
        period: The period.
        subject_type: Only of this grain.
        subject: Only of this subject.
        upto: The last position that counts; None for all.
    """
    quick = f'"period":{msgspec.json.encode(period).decode()}'
    found: dict[tuple[str, str], Reported] = {}
    closed = is_closed(log, period, upto)
    for event in log.records([SCORECARD_PUBLISHED.name], upto):
        if quick not in event.data:
            continue
        about = msgspec.json.decode(event.data, type=ScorecardPublished)
        if about.period != period or subject_type not in (None, about.subject_type):
            continue
        if subject in (None, about.subject):
            found[about.subject_type, about.subject] = Reported(
                position=event.position,
                recorded_at=instant(event.recorded_at),
                about=about,
                card=msgspec.json.decode(about.card, type=ReportedCard),
                closed=closed,
            )
    yield from (found[key] for key in sorted(found))


def report_of(log: EventLog, period: str, subject_type: str, subject: str) -> Reported:
    """Return the scorecard last published for a subject and a period.

    Raises:
        UnknownNameError: None was.
    """
    found = next(reported(log, period, subject_type, subject), None)
    if found is None:
        raise UnknownNameError(
            "No scorecard of this subject was published for this period",
            value=f"{subject_type} {subject}, {period}",
            hint=f"`kamengine publish --period {period}` publishes them all",
        )
    return found


def is_closed(log: EventLog, period: str, upto: int | None = None) -> bool:
    """Tell whether a period's published scorecards are final."""
    events = log.records([PERIOD_CLOSED.name], upto)
    return any(msgspec.json.decode(e.data, type=PeriodClosed).period == period for e in events)


def _publishable(log: SQLiteEventLog, present: Standpoint, period: str) -> Window:
    _refuse_closed(log, period)
    head = present.reader.head
    behind = log.head().position - head.position
    if behind:
        raise ReplayError(
            f"{behind:,} events are not replayed yet, and would be missing from the report",
            hint="run `kamengine replay`, then publish",
        )
    window, whole = present.window(period), present.definitions.settings.calendar.window(period)
    if window.t1 < whole.t1:
        raise ReplayError(
            "This period hasn't ended, and a report of it would soon be another one",
            value=period,
            hint=f"publish it after {whole.end - dt.timedelta(days=1)}",
        )
    return window


def _refuse_closed(log: EventLog, period: str) -> None:
    if is_closed(log, period):
        raise ReplayError(
            "This period is closed: what was reported for it is final",
            value=period,
            hint=f"`kamengine restatements list --period {period}` shows what is other now",
        )


def _cards(present: Standpoint, window: Window) -> Iterator[Scorecard]:
    for carrier in CARRIERS:
        yield from present.answers.scorecards(carrier, window)


def _published(
    card: Scorecard, publication: str, position: int, as_of: dt.datetime, approval: Approval
) -> NewEvent:
    whose = card.resolved.subject
    payload = ScorecardPublished(
        publication=publication,
        period=card.period,
        subject_type=whose.type,
        subject=whose.id,
        scorecard=card.resolved.scorecard,
        log_position=position,
        as_of=as_of,
        card=msgspec.json.encode(frozen(card)).decode(),
        by=approval.by,
        why=approval.why,
    )
    return new_record(
        SCORECARD_PUBLISHED,
        f"{publication}/{whose.type}/{whose.id}",
        payload,
        approval.at,
        account=whose.id if whose.type == "account" else None,
        manager=whose.id if whose.type == "manager" else None,
    )


def frozen(card: Scorecard) -> ReportedCard:
    """Return a scorecard as it is put on record."""
    return ReportedCard(
        title=card.resolved.title,
        score=_text(card.score),
        reason=card.reason,
        lines=tuple(_line(line) for line in card.lines),
    )


def _line(line: Line) -> ReportedLine:
    value = line.value
    return ReportedLine(
        kpi=line.kpi.id,
        value=value.value if value else None,
        numerator=value.numerator if value else None,
        denominator=value.denominator if value else None,
        count=value.count if value else 0,
        unit=line.kpi.unit,
        status=value.status if value else "unavailable",
        reason=line.left_out or (value.reason if value else None),
        definition=value.definition if value else "",
        attainment=_text(line.attainment),
        weight=line.kpi.weight,
        points=_text(line.points),
    )


def _text(number: Fraction | None) -> str | None:
    return None if number is None else str(number)
