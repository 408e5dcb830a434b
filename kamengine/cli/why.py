"""``kamengine explain --from … --to …``: why a number is another one."""

from __future__ import annotations

from decimal import Decimal

import click

from kamengine.cli.context import App
from kamengine.cli.output import Format, note, print_json, print_rows, shown
from kamengine.cli.replay import progress_bar
from kamengine.errors import UnknownNameError
from kamengine.history.difference import Difference, Part, difference
from kamengine.history.publishing import reported
from kamengine.history.standpoint import Endpoint, History, Question
from kamengine.history.way import Asked

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
    unit = _unit(app, asked)
    if output == "json":
        print_json(found)
    elif output == "csv":
        print_rows([_row(part, "", output) for part in found.parts], COLUMNS, "csv")
    else:
        _print(found, unit)


COLUMNS = ("cause", "was", "becomes", "difference", "events", "detail")


def _endpoint(app: App, history: History, asked: Asked, text: str) -> Endpoint:
    if text == NOW:
        return history.endpoint(Question(), app.clock())
    if text == REPORTED:
        found = next(reported(app.log, asked.period, asked.subject_type, asked.subject), None)
        if found is None:
            raise UnknownNameError(
                "No scorecard of this subject was published for this period",
                value=f"{asked.subject_type} {asked.subject}, {asked.period}",
                hint=f"`kamengine publish --period {asked.period}` publishes them all",
            )
        about = found.about
        return history.in_report(about.log_position, about.as_of, found.recorded_at)
    if "@" in text:
        if text.partition("@")[0] != asked.kpi:
            raise click.UsageError(f"{text} is no definition of {asked.kpi or 'a score'}.")
        return history.endpoint(Question(definition=text), app.clock())
    return history.endpoint(Question(as_known=text), app.clock())


def _unit(app: App, asked: Asked) -> str:
    kpi = app.definitions.registry.kpis.get(asked.kpi or "")
    return kpi.unit if kpi else ""


def _print(found: Difference, unit: str) -> None:
    asked = found.asked
    what = asked.kpi or "The score"
    click.echo(f"{what} of {asked.subject_type} {asked.subject}, {asked.period}")
    click.echo(f"  {found.start}: {shown(found.was, unit)}")
    click.echo(f"  {found.end}: {shown(found.becomes, unit)}")
    click.echo(f"  difference: {_signed(found.difference, unit)}")
    if not found.parts:
        note("Nothing came between that moved it.")
        return
    print_rows([_row(part, unit, "table") for part in found.parts], COLUMNS, "table")


def _row(part: Part, unit: str, output: Format) -> dict[str, object]:
    events: object = part.events
    if output == "table":
        more = len(part.events) - FEW
        events = ", ".join(part.events[:FEW]) + (f" and {more:,} more" if more > 0 else "")
    return {
        "cause": part.cause,
        "was": shown(part.was, unit) if output == "table" else part.was,
        "becomes": shown(part.becomes, unit) if output == "table" else part.becomes,
        "difference": _signed(part.difference, unit) if output == "table" else part.difference,
        "events": events,
        "detail": "; ".join(part.detail),
    }


def _signed(number: object, unit: str) -> str:
    if not isinstance(number, Decimal):
        return "-"
    return ("+" if number > 0 else "") + shown(number, unit)
