"""``kamengine restatements``: reported numbers that are other ones now."""

from __future__ import annotations

from typing import cast

import click
import msgspec

from kamengine.cli.asking import open_reader, period_option
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, note, print_rows, shown
from kamengine.config.section import Carrier
from kamengine.history.restatements import Restatement

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


def _row(found: Restatement, output: Format) -> dict[str, object]:
    row = msgspec.structs.asdict(found)
    if output == "table":
        numbers = ("reported", "now", "difference")
        row |= {name: shown(row[name], found.unit) for name in numbers}
        row["why"] = ", ".join(found.why)
    return row
