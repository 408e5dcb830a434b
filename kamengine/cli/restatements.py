"""``kamengine restatements``: reported numbers that are other ones now."""

from __future__ import annotations

from typing import cast

import click
import msgspec

from kamengine.cli.asking import one_subject, open_reader, period_option
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, note, print_json, print_rows
from kamengine.cli.replay import progress_bar
from kamengine.cli.why import COLUMNS as PART_COLUMNS
from kamengine.cli.why import part_rows, signed, unit_of
from kamengine.config.section import Carrier
from kamengine.history.restated import Restated
from kamengine.history.restatements import SCORE, Restatement
from kamengine.history.way import Asked
from kamengine.periods import Calendar
from kamengine.value import shown

COLUMNS = (
    "subject_type",
    "subject",
    "kpi",
    "reported",
    "now",
    "difference",
    "why",
    "published_at",
    "closed",
)


@click.group()
def restatements() -> None:
    """Show which reported numbers are other ones now, and why."""


@restatements.command(name="list")
@pass_app
@period_option
@click.option(
    "--by",
    type=click.Choice(["account", "manager", "team", "organisation"]),
    help="Only of this grain.",
)
@click.option("--subject", metavar="ID", help="Only this account, manager or team.")
@click.option("--kpi", "kpi_id", metavar="ID", help="Only this KPI; `score` for scores.")
@format_option
def list_(
    app: App,
    period: str,
    by: str | None,
    subject: str | None,
    kpi_id: str | None,
    output: Format,
) -> None:
    """List every number reported for a period that is another one now.

    `restatements show` splits one of them into its causes.
    """
    from kamengine.history.restatements import restatements as ledger

    open_reader(app)
    found = ledger(app.log, app.standpoint, period, cast("Carrier | None", by), subject)
    rows = [_row(r, output) for r in found if kpi_id in (None, r.kpi)]
    print_rows(rows, COLUMNS, output)
    if not rows:
        note(f"Nothing that was reported for {period} is another number now.")


@restatements.command()
@pass_app
@click.option("--kpi", "kpi_id", required=True, metavar="ID", help="The KPI; `score` for scores.")
@click.option("--account", metavar="ID", help="One account.")
@click.option("--manager", metavar="ID", help="One manager.")
@click.option("--team", metavar="ID", help="One team.")
@click.option("--organisation", is_flag=True, help="The whole organisation.")
@period_option
@format_option
def show(
    app: App,
    kpi_id: str,
    account: str | None,
    manager: str | None,
    team: str | None,
    organisation: bool,
    period: str,
    output: Format,
) -> None:
    """Show one of them: what was reported, what is true now, and each cause of the difference.

    The causes add up to the difference, each with its events or its definition, and with who
    applied what since. A number that is as it was reported has none.
    """
    from kamengine.history.restated import restated
    from kamengine.history.standpoint import History

    given = {"account": account, "manager": manager, "team": team, "organisation": organisation}
    grain, subject = one_subject(given)
    open_reader(app)
    kpi = None if kpi_id == SCORE else kpi_id
    asked = Asked(subject_type=grain, subject=subject, period=period, kpi=kpi)
    with progress_bar() as progress:
        history = History(app.workspace, app.log, app.registry, progress)
        found = restated(history, asked, app.clock())
    if output == "json":
        print_json(found)
    elif output == "table":
        _print(found, unit_of(app, kpi), app.settings.calendar)
    else:
        about = {"period": period, "subject_type": grain, "subject": subject, "kpi": kpi_id}
        rows = [{**about, **row} for row in part_rows(found.difference.parts, "", output)]
        print_rows(rows, (*about, *PART_COLUMNS), output)


def _print(found: Restated, unit: str, calendar: Calendar) -> None:
    moved = found.difference
    asked = moved.asked
    whole = asked.subject_type == "organisation"
    whose = "the organisation" if whole else f"{asked.subject_type} {asked.subject}"
    click.echo(f"{asked.kpi or 'The score'} of {whose}, {asked.period}")
    by = f" by {found.published_by}" if found.published_by else ""
    why = f" ({found.published_why})" if found.published_why else ""
    click.echo(f"  {moved.start}{by}{why}: {shown(moved.was, unit)}")
    if found.definition:
        click.echo(f"    by {found.definition}, of events up to position {found.log_position:,}")
    click.echo(f"  now: {shown(moved.becomes, unit)}")
    click.echo(f"  difference: {signed(moved.difference, unit)}")
    if found.closed:
        click.echo("  the period is closed: what was reported is final")
    if not moved.parts:
        note("It is as it was reported.")
        return
    print_rows(part_rows(moved.parts, unit, "table"), PART_COLUMNS, "table")
    for run in found.applied:
        since = f", effective {run.effective_from}" if run.effective_from else ""
        click.echo(f"  applied {calendar.local_date(run.at)} by {run.by}{since}: {run.why}")


def _row(found: Restatement, output: Format) -> dict[str, object]:
    row = msgspec.structs.asdict(found)
    if output == "table":
        numbers = ("reported", "now", "difference")
        row |= {name: shown(row[name], found.unit) for name in numbers}
        row["why"] = ", ".join(found.why)
    return row
