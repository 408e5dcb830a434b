"""What was reported, beside what is true now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kamengine.value import shown

if TYPE_CHECKING:
    from kamengine.cli.context import App
    from kamengine.history.publishing import Reported
    from kamengine.scorecard.card import Line, Scorecard


def reported_of(app: App, card: Scorecard) -> Reported | None:
    """Return the scorecard that was published last for the same subject and period, if any.

    Asked from a day of the past, it is the one that had been published by then.
    """
    from kamengine.history.publishing import reported

    whose = card.resolved.subject
    upto = app.reader.head.position if app.looks_back else None
    return next(reported(app.log, card.period, whose.type, whose.id, upto), None)


def column(report: Reported | None, line: Line) -> dict[str, object]:
    """Return the column of a table for what was reported of a line; none where nothing was."""
    if report is None:
        return {}
    old = report.line(line.kpi.id)
    return {"reported": shown(old.value if old else None, line.kpi.unit)}


def sentence(report: Reported) -> str:
    """Say when the scorecard was reported, and with which score."""
    score = "no score" if report.score is None else f"a score of {float(report.score):.1f}"
    closed = "; the period is closed" if report.closed else ""
    return f"reported on {report.recorded_at:%Y-%m-%d} with {score}{closed}"


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
