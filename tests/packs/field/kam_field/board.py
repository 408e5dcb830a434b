"""Who was visited how long."""

from __future__ import annotations

import click

from kamengine import KamengineError
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, print_rows


@click.command("field-board")
@click.option("--period", required=True)
@format_option
@pass_app
def field_board(app: App, period: str, output: Format) -> None:
    """Show the hours in the field by account, longest first."""
    window = app.settings.calendar.window(period, app.as_of(None))
    found = app.answers.values(app.registry.kpi("field_hours"), "account", window)
    if not found:
        raise KamengineError("Nobody was visited", value=period, hint="try another period")
    rows = [
        {"account": value.subject, "hours": value.value}
        for value in sorted(found, key=lambda value: -(value.value or 0))
    ]
    print_rows(rows, ("account", "hours"), output)
