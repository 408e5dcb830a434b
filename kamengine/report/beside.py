"""What was reported, beside what is true now, in every form in which a scorecard is read."""

from __future__ import annotations

from kamengine.config.section import Carrier
from kamengine.history.publishing import Reported, reported
from kamengine.log.sqlite import SQLiteEventLog
from kamengine.periods import Calendar
from kamengine.replay.reading import Reader
from kamengine.scorecard.card import Line, exact
from kamengine.value import shown


def reports(
    reader: Reader, period: str, carrier: Carrier, subject: str | None
) -> dict[str, Reported]:
    """Return what was published last for a period by the last event that a reader knows of.

    Args:
        reader: Reads the values; asked from a day of the past, it knows what was published by then.
        period: The period.
        carrier: The kind of subject.
        subject: Only this one; None for all.

    Returns:
        Subject to report.
    """
    log = SQLiteEventLog(reader.workspace.log_path)
    found = reported(log, period, carrier, subject, reader.head.position)
    return {report.about.subject: report for report in found}


def value(report: Reported | None, line: Line) -> float | None:
    """Return the number that was reported where a line stands; None where there was none."""
    old = report.line(line.kpi.id) if report else None
    return old.value if old else None


def column(report: Reported, line: Line) -> str:
    """Write that number as people do."""
    return shown(value(report, line), line.kpi.unit)


def is_restated(report: Reported, line: Line) -> bool:
    """Tell whether a number is another one than was reported, or came or went since."""
    return exact(report.line(line.kpi.id)) != exact(line.value)


def sentence(report: Reported, calendar: Calendar) -> str:
    """Say when the scorecard was reported, and with which score."""
    score = "no score" if report.score is None else f"a score of {float(report.score):.1f}"
    closed = "; the period is closed" if report.closed else ""
    return f"reported on {calendar.local_date(report.recorded_at)} with {score}{closed}"


def document(report: Reported | None) -> dict[str, object]:
    """Return what was reported as data; nothing where nothing was."""
    if report is None:
        return {}
    told = {
        "published_at": report.recorded_at,
        "closed": report.closed,
        "log_position": report.about.log_position,
        "score": None if report.score is None else float(report.score),
        "kpis": [
            {"kpi": line.kpi, "value": line.value, "definition": line.definition}
            for line in report.card.lines
        ],
    }
    return {"reported": told}
