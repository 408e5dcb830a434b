"""``kamengine values``: a KPI's values by account, manager, team, segment or organisation."""

from __future__ import annotations

from typing import cast

import click
import msgspec

from kamengine.cli.asking import as_of_option, open_reader, window_of
from kamengine.cli.desk import Desk, in_workspace
from kamengine.cli.output import Format, formatted, print_rows, shown
from kamengine.kpi import SUBJECT_TYPES, SubjectType
from kamengine.replay.reading import Reader
from kamengine.value import Value

COLUMNS = ("subject", "period", "value", "numerator", "denominator", "count", "status", "reason")


@click.command()
@in_workspace
@click.option("--kpi", "kpi_id", required=True, metavar="ID", help="Any registered KPI.")
@click.option(
    "--by",
    type=click.Choice(SUBJECT_TYPES),
    default="organisation",
    show_default=True,
    help="The grain.",
)
@click.option("--period", help="One period; left out, every period that is kept ready.")
@click.option("--kind", type=click.Choice(["month", "quarter", "year", "week"]), help="Only such.")
@click.option("--subject", metavar="ID", help="Only this account, manager, team or segment.")
@as_of_option
@formatted
def values(
    desk: Desk,
    kpi_id: str,
    by: str,
    period: str | None,
    kind: str | None,
    subject: str | None,
    as_of: str | None,
    form: Format,
) -> None:
    """Print a KPI's values, with what each is made of.

    Subjects without evidence in a period are left out.
    """
    kpi, grain = desk.registry.kpi(kpi_id), cast("SubjectType", by)
    reader = open_reader(desk)
    if period is not None:
        found = reader.values(kpi, grain, window_of(desk, period, as_of), subject)
    else:
        found = _kept(desk, reader, kpi_id, grain, kind, subject, as_of)
    problem = reader.definitions.get(kpi_id)
    why = problem.problem if problem and problem.problem else "no evidence"
    rows = [msgspec.structs.asdict(v) for v in found]
    if form == "table":
        rows = [row | {"value": shown(v.value, v.unit)} for row, v in zip(rows, found, strict=True)]
    unit = f" in {kpi.unit}" if kpi.unit else ""
    print_rows(
        rows,
        form,
        columns=COLUMNS,
        title=f"{kpi.title}{unit}, by {grain}",
        empty=f"{kpi_id} has no values here: {why}.",
    )


def _kept(
    desk: Desk,
    reader: Reader,
    kpi_id: str,
    grain: SubjectType,
    kind: str | None,
    subject: str | None,
    as_of: str | None,
) -> list[Value]:
    """Return the values of every period kept, the open ones cut where they are asked for."""
    kpi, cut = desk.registry.kpi(kpi_id), desk.as_of(as_of)
    found: list[Value] = []
    for period, t0 in reader.book.periods(kind):
        if t0 < cut:
            window = desk.settings.calendar.window(period, cut)
            found += reader.values(kpi, grain, window, subject)
    return found
