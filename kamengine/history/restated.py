"""One restated number in full: what was reported, what is true now, and what came between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from decimal import Decimal

import msgspec

from kamengine.errors import UnknownNameError
from kamengine.history.difference import Difference, Part, difference
from kamengine.history.ledger import Applying, appliances
from kamengine.history.publishing import Reported, report_of
from kamengine.history.restatements import SCORE, rounded
from kamengine.history.standpoint import History, Question
from kamengine.history.way import Asked, Way
from kamengine.replay.book import instant
from kamengine.scorecard.card import exact
from kamengine.suggestions import suggest

ENGINE = "engine"
"""The cause of what a replay of the very events and definitions of a report counts otherwise."""


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """An apply since the report that has a part in the difference.

    Attributes:
        apply: Its name.
        at: When.
        by: Who approved it.
        why: What for.
        effective_from: The first day of the periods that it is for; None for all.
    """

    apply: str
    at: dt.datetime
    by: str
    why: str
    effective_from: dt.date | None


class Restated(msgspec.Struct, frozen=True, kw_only=True):
    """A reported number beside the one that is true now.

    Attributes:
        published_at: When it was reported last.
        published_by: By whom.
        published_why: What for.
        closed: Whether the period is closed.
        log_position: The last event that the reported number knew of.
        definition: The label of the definition that it was made by; None for a score.
        difference: Both numbers, and the parts that come between; they add up to the last digit.
        applied: Who put the definitions and the config among them into force, oldest first.
    """

    published_at: dt.datetime
    published_by: str
    published_why: str
    closed: bool
    log_position: int
    definition: str | None
    difference: Difference
    applied: tuple[Approved, ...]


def restated(history: History, asked: Asked, now: dt.datetime) -> Restated:
    """Return what became of a number that was reported.

    Args:
        history: The workspace's past.
        asked: The number; without a KPI, the score.
        now: The clock.

    Raises:
        UnknownNameError: No scorecard with this number was published for the period.
        ReplayError: A state between then and now can't be made.
    """
    report = report_of(history.log, asked.period, asked.subject_type, asked.subject)
    line = None if asked.kpi is None else report.line(asked.kpi)
    if asked.kpi is not None and line is None:
        raise _unreported(report, asked.kpi)
    about = report.about
    start = history.in_report(about.log_position, about.as_of, report.recorded_at)
    end = history.endpoint(Question(), now)
    found = difference(history, asked, start, end)
    number = rounded(report.score if line is None else exact(line))
    runs = [r for r in appliances(history.log) if r.position > about.log_position]
    return Restated(
        published_at=report.recorded_at,
        published_by=about.by,
        published_why=about.why,
        closed=report.closed,
        log_position=about.log_position,
        definition=line.definition if line else None,
        difference=_as_reported(found, number),
        applied=tuple(_approved(runs, Way(history, asked, start, end).kpis, asked)),
    )


def _as_reported(found: Difference, number: Decimal | None) -> Difference:
    """Return a difference that starts with the very number that was reported."""
    if found.was == number:
        return found
    moved = None if number is None or found.was is None else found.was - number
    engine = Part(cause=ENGINE, was=number, becomes=found.was, difference=moved)
    both = number is not None and found.becomes is not None
    return msgspec.structs.replace(
        found,
        was=number,
        difference=(found.becomes or 0) - (number or 0) if both else None,
        parts=(engine, *found.parts),
    )


def _approved(
    runs: Collection[Applying], kpis: Collection[str], asked: Asked
) -> Iterator[Approved]:
    """Yield the runs of ``apply`` that changed a KPI of the number, or how it is weighed."""
    composed = list(kpis) != [asked.kpi]
    for run in runs:
        named = {d.name for d in run.definitions if d.sort == "kpi"}
        if named & set(kpis) or (composed and run.files is not None):
            yield Approved(
                apply=run.id,
                at=instant(run.recorded_at),
                by=run.by,
                why=run.why,
                effective_from=run.effective_from,
            )


def _unreported(report: Reported, kpi: str) -> UnknownNameError:
    there = [line.kpi for line in report.card.lines]
    return UnknownNameError(
        f"The scorecard that was published for {report.about.period} doesn't have this KPI",
        value=kpi,
        hint=suggest(kpi, [*there, SCORE]) or f"it has {', '.join(there)}",
    )
