"""``kamengine explain --from … --to …``: why a number is another one."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import click

from kamengine.cli.context import App
from kamengine.cli.output import Format, Row, note, print_json, print_rows
from kamengine.cli.replay import progress_bar
from kamengine.history.difference import Difference, Part, difference
from kamengine.history.publishing import report_of
from kamengine.history.standpoint import Endpoint, History, Question
from kamengine.history.way import Asked
from kamengine.value import shown

REPORTED, NOW = "reported", "now"
ENDS = "a day (as it was known then), a definition's label, `reported`, or `now`"

FEW = 5
"""Events of a part that a table names; JSON names them all."""


def explain_difference(
    app: App, asked: Asked, start: str | None, end: str | None, output: Format
) -> None:
    """Print why a number is another one at one end than at the other."""
    with progress_bar() as progress:
        history = History(app.workspace, app.log, app.registry, progress)
        ends = [_endpoint(app, history, asked, text or NOW) for text in (start, end)]
        found = difference(history, asked, *ends)
    unit = unit_of(app, asked.kpi)
    if output == "json":
        print_json(found)
    elif output == "table":
        _print(found, unit)
    else:
        print_rows(part_rows(found.parts, "", output), COLUMNS, output)


COLUMNS = ("cause", "was", "becomes", "difference", "events", "detail")


def _endpoint(app: App, history: History, asked: Asked, text: str) -> Endpoint:
    if text == NOW:
        return history.endpoint(Question(), app.clock())
    if text == REPORTED:
        found = report_of(app.log, asked.period, asked.subject_type, asked.subject)
        about = found.about
        return history.in_report(about.log_position, about.as_of, found.recorded_at)
    if "@" in text:
        if text.partition("@")[0] != asked.kpi:
            raise click.UsageError(f"{text} is no definition of {asked.kpi or 'a score'}.")
        return history.endpoint(Question(definition=text), app.clock())
    return history.endpoint(Question(as_known=text), app.clock())


def unit_of(app: App, kpi_id: str | None) -> str:
    """Return a KPI's unit; that of the score is none."""
    kpi = app.definitions.registry.kpis.get(kpi_id or "")
    return kpi.unit if kpi else ""


def _print(found: Difference, unit: str) -> None:
    asked = found.asked
    what = asked.kpi or "The score"
    click.echo(f"{what} of {asked.subject_type} {asked.subject}, {asked.period}")
    click.echo(f"  {found.start}: {shown(found.was, unit)}")
    click.echo(f"  {found.end}: {shown(found.becomes, unit)}")
    click.echo(f"  difference: {signed(found.difference, unit)}")
    if not found.parts:
        note("Nothing came between that moved it.")
        return
    print_rows(part_rows(found.parts, unit, "table"), COLUMNS, "table")


def part_rows(parts: Iterable[Part], unit: str, output: Format) -> list[Row]:
    """Return the parts of a difference as they are printed."""
    return [_row(part, unit, output) for part in parts]


def _row(part: Part, unit: str, output: Format) -> Row:
    events: object = part.events
    if output == "table":
        more = len(part.events) - FEW
        events = ", ".join(part.events[:FEW]) + (f" and {more:,} more" if more > 0 else "")
    return {
        "cause": part.cause,
        "was": shown(part.was, unit) if output == "table" else part.was,
        "becomes": shown(part.becomes, unit) if output == "table" else part.becomes,
        "difference": signed(part.difference, unit) if output == "table" else part.difference,
        "events": events,
        "detail": "; ".join(part.detail),
    }


def signed(number: object, unit: str) -> str:
    """Write a difference with its sign; a dash where there is none."""
    if not isinstance(number, Decimal):
        return "-"
    return ("+" if number > 0 else "") + shown(number, unit)
