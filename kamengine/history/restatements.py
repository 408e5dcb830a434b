"""The ledger of restatements: what was reported, what is true now, and what came between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

import msgspec

from kamengine.config.section import Carrier
from kamengine.history.publishing import Reported, ReportedLine, frozen, reported
from kamengine.history.standpoint import Standpoint
from kamengine.log.contract import EventLog
from kamengine.scorecard.card import exact

SCORE = "score"
"""Stands in the column of KPIs for the score itself."""


class Restatement(msgspec.Struct, frozen=True, kw_only=True):
    """A reported number that is another one now.

    Attributes:
        period: The period.
        subject_type: The grain.
        subject: Whose number.
        kpi: The KPI, or ``score``.
        unit: Of the numbers.
        reported: What was reported; None where there was no value.
        now: What it is now, likewise.
        difference: Now less reported, where both are numbers; exact to six digits.
        why: In a word each: ``definition``, ``config``, ``events``.
        published_at: When it was reported last.
        closed: Whether the period is closed.
    """

    period: str
    subject_type: str
    subject: str
    kpi: str
    unit: str
    reported: Decimal | None
    now: Decimal | None
    difference: Decimal | None
    why: tuple[str, ...]
    published_at: str
    closed: bool


def restatements(
    log: EventLog,
    present: Standpoint,
    period: str,
    subject_type: Carrier | None = None,
    subject: str | None = None,
) -> list[Restatement]:
    """Return every number reported for a period that is another one now.

    Args:
        log: The log.
        present: Where things stand.
        period: The period.
        subject_type: Only of this grain.
        subject: Only of this subject.
    """
    found = list(reported(log, period, subject_type, subject))
    grains: dict[Carrier, list[Reported]] = {}
    for report in found:
        grains.setdefault(report.about.subject_type, []).append(report)
    return [
        restatement
        for grain, reports in grains.items()
        for restatement in _of_grain(present, grain, reports, subject)
    ]


def _of_grain(
    present: Standpoint, grain: Carrier, reports: Iterable[Reported], subject: str | None
) -> Iterator[Restatement]:
    reports = list(reports)
    window = present.window(reports[0].about.period)
    cards = {
        card.resolved.subject.id: frozen(card)
        for card in present.answers.scorecards(grain, window, subject)
    }
    for report in reports:
        card = cards.get(report.about.subject)
        lines = {line.kpi: line for line in card.lines} if card else {}
        for old in report.card.lines:
            new = lines.get(old.kpi)
            if new is None or _moved(old, new):
                yield _restated(report, old.kpi, old.unit, exact(old), exact(new), _why(old, new))
        score = None if card is None or card.score is None else Fraction(card.score)
        if score != report.score:
            why = tuple(sorted({w for o in report.card.lines for w in _why(o, lines.get(o.kpi))}))
            yield _restated(report, SCORE, "", report.score, score, why)


def _moved(old: ReportedLine, new: ReportedLine) -> bool:
    return (old.value, old.numerator, old.denominator, old.status) != (
        new.value,
        new.numerator,
        new.denominator,
        new.status,
    )


def _why(old: ReportedLine, new: ReportedLine | None) -> tuple[str, ...]:
    if new is None:
        return ("config",)
    why = []
    if old.definition != new.definition:
        why.append("definition")
    elif _moved(old, new):
        why.append("events")
    if old.weight != new.weight or (old.attainment != new.attainment and not _moved(old, new)):
        why.append("config")
    return tuple(why)


def _restated(
    report: Reported,
    kpi: str,
    unit: str,
    old: Fraction | None,
    new: Fraction | None,
    why: tuple[str, ...],
) -> Restatement:
    was, now = rounded(old), rounded(new)
    return Restatement(
        period=report.about.period,
        subject_type=report.about.subject_type,
        subject=report.about.subject,
        kpi=kpi,
        unit=unit,
        reported=was,
        now=now,
        difference=None if was is None or now is None else now - was,
        why=why,
        published_at=report.recorded_at.isoformat().replace("+00:00", "Z"),
        closed=report.closed,
    )


DIGITS = Decimal("0.000001")


def rounded(number: Fraction | None) -> Decimal | None:
    """Return a number with six digits after the point, halves to even."""
    if number is None:
        return None
    scaled = round(number * 10**6)
    return Decimal(scaled) * DIGITS
