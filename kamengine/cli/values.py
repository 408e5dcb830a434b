"""``kamengine values``: a KPI's values by account, manager, team, segment or organisation."""

from __future__ import annotations

from typing import cast

import click
import msgspec

from kamengine.cli.asking import as_of_option, open_reader, window_of
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, note, print_rows, shown
from kamengine.kpi import SUBJECT_TYPES, SubjectType
from kamengine.periods import KINDS
from kamengine.replay.reading import Reader
from kamengine.value import Value

COLUMNS = ("subject", "period", "value", "numerator", "denominator", "count", "status", "reason")


@click.command()
@pass_app
@click.option("--kpi", "kpi_id", required=True, metavar="ID", help="Any registered KPI.")
@click.option(
    "--by",
    type=click.Choice(SUBJECT_TYPES),
    default="organisation",
    show_default=True,
    help="Whose values: of each account, each manager, ...",
)
@click.option("--period", help="One period; left out, every period that is kept ready.")
@click.option(
    "--kind",
    type=click.Choice(KINDS),
    help="Only periods of this kind.",
)
@click.option("--subject", metavar="ID", help="Only this account, manager, team or segment.")
@as_of_option
@format_option
def values(
    app: App,
    kpi_id: str,
    by: str,
    period: str | None,
    kind: str | None,
    subject: str | None,
    as_of: str | None,
    output: Format,
) -> None:
    """Print a KPI's values, with what each is made of.

    Subjects without evidence in a period are left out.
    """
    kpi, grain = app.registry.kpi(kpi_id), cast("SubjectType", by)
    reader = open_reader(app)
    if period is not None:
        found = reader.values(kpi, grain, window_of(app, period, as_of), subject)
    else:
        found = _kept(app, reader, kpi_id, grain, kind, subject, as_of)
    rows = [msgspec.structs.asdict(v) for v in found]
    if output == "table":
        rows = [row | {"value": shown(v.value, v.unit)} for row, v in zip(rows, found, strict=True)]
        click.echo(f"{kpi.title}, in {kpi.unit}, by {grain}")
    print_rows(rows, COLUMNS if output == "table" else Value.__struct_fields__, output)
    if not found:
        known = reader.definitions.get(kpi_id)
        reason = known.problem if known and known.problem else "there is no evidence"
        note(f"{kpi_id} has no values here: {reason}.")


def _kept(
    app: App,
    reader: Reader,
    kpi_id: str,
    grain: SubjectType,
    kind: str | None,
    subject: str | None,
    as_of: str | None,
) -> list[Value]:
    """Return the values of every period kept, the open ones cut where they are asked for."""
    kpi, cut = app.registry.kpi(kpi_id), app.as_of(as_of)
    found: list[Value] = []
    for period, t0 in reader.book.periods(kind):
        if t0 < cut:
            window = app.settings.calendar.window(period, cut)
            found += reader.values(kpi, grain, window, subject)
    return found
