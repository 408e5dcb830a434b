"""``kamengine definitions``: what was in force when."""

from __future__ import annotations

import click

from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, Row, format_option, print_rows

COLUMNS = ("applied_at", "apply", "sort", "name", "change", "definition", "reason", "by", "why")


@click.group()
def definitions() -> None:
    """Show what was put into force, when, by whom and why."""


@definitions.command(name="list")
@pass_app
@click.option("--kpi", "kpi_id", metavar="ID", help="Only this KPI's.")
@format_option
def list_(app: App, kpi_id: str | None, output: Format) -> None:
    """List every definition that was applied, newest first.

    The definition's label is what `--definition` of `values`, `scorecard` and `explain` takes.
    Without --kpi, definitions that were applied first, all at once, are one line.
    """
    from kamengine.history.ledger import appliances
    from kamengine.replay.facts import instant

    rows: list[Row] = []
    for number, run in enumerate(appliances(app.log)):
        about = {
            "applied_at": instant(run.recorded_at),
            "apply": run.id,
            "by": run.by,
            "why": run.why,
        }
        if number == 0 and kpi_id is None:
            reason = f"{len(run.definitions)} definitions and the config"
            rows.append({**about, "change": "added", "reason": reason})
            continue
        rows += [
            {
                **about,
                "sort": applied.sort,
                "name": applied.name,
                "change": applied.change,
                "definition": applied.label,
                "reason": applied.reason,
            }
            for applied in run.definitions
            if kpi_id is None or (applied.sort, applied.name) == ("kpi", kpi_id)
        ]
        if run.files is not None and kpi_id is None:
            rows.append({**about, "sort": "config", "change": "changed"})
    print_rows(reversed(rows), COLUMNS, output)
