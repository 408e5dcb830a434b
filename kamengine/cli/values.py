"""``kamengine values``: a KPI's values by account, manager, team, segment or organisation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import cast

import click
import msgspec

from kamengine.cli.asking import (
    as_of_option,
    kpi_in_force,
    look_back,
    open_reader,
    past_options,
    window_of,
)
from kamengine.cli.context import App, pass_app
from kamengine.cli.kept import Wanted, kept_of, print_kept
from kamengine.cli.output import Format, format_option, note, print_rows
from kamengine.cli.valued import headed
from kamengine.kpi import SUBJECT_TYPES, Composite, SubjectType
from kamengine.periods import KINDS, Window
from kamengine.replay.reading import Reader
from kamengine.value import PartValue, Value, shown

COLUMNS = ("subject", "period", "value", "numerator", "denominator", "count", "status", "reason")
PART_COLUMNS = (*COLUMNS[:2], "part", *COLUMNS[2:])


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
@click.option(
    "--part", is_flag=True, help="Break each value down: by channel, product, ... as the KPI does."
)
@past_options
@as_of_option
@format_option
def values(
    app: App,
    kpi_id: str,
    by: str,
    period: str | None,
    kind: str | None,
    subject: str | None,
    part: bool,
    as_known: str | None,
    definition: str | None,
    as_of: str | None,
    output: Format,
) -> None:
    """Print a KPI's values, with what each is made of.

    Subjects without evidence in a period are left out. Parts of a sum add up to it; numerators
    always do. Of a KPI that isn't in force any more, the values are those it had at the end.
    """
    grain = cast("SubjectType", by)
    look_back(app, kpi_id, as_known, definition, as_of)
    retired = kept_of(app, kpi_id)
    if retired is not None and not part:
        print_kept(app, retired, grain, Wanted(period=period, kind=kind, subject=subject), output)
        return
    kpi = kpi_in_force(app, kpi_id)
    reader = open_reader(app)
    older = reader.older(kpi_id) or reader
    windows = [window_of(app, period, as_of)] if period else _kept(older, kind, app.as_of(as_of))
    found: Sequence[Value]
    if part:
        found = reader.parts(kpi, grain, windows, subject=subject)
    else:
        found = [v for w in windows for v in app.answers.values(kpi, grain, w, subject)]
    rows = [msgspec.structs.asdict(v) for v in found]
    if output == "table":
        rows = [row | {"value": shown(v.value, v.unit)} for row, v in zip(rows, found, strict=True)]
        click.echo(f"{headed(app, kpi.title, kpi.unit)}, by {grain}{' and part' if part else ''}")
        print_rows(rows, PART_COLUMNS if part else COLUMNS, output)
    else:
        print_rows(rows, (PartValue if part else Value).__struct_fields__, output)
    if not found:
        known = reader.definitions.get(kpi_id)
        reason = known.problem if known and known.problem else "there is no evidence"
        if isinstance(kpi.value, Composite):
            reason = f"no scorecard is for a {grain}, or none has a value"
        note(f"{kpi_id} has no values here: {reason}.")


def _kept(reader: Reader, kind: str | None, cut: dt.datetime) -> list[Window]:
    """Return the windows of every period kept, the open ones cut where they are asked for."""
    begun = [period for period, t0 in reader.book.periods(kind) if t0 < cut]
    return [reader.settings.calendar.window(period, cut) for period in begun]
