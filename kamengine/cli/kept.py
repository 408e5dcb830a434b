"""KPIs that aren't in force any more: what they were, and the values that they had."""

from __future__ import annotations

import click
import msgspec

from kamengine.cli.context import App
from kamengine.cli.output import Format, note, print_record, print_rows
from kamengine.cli.valued import headed
from kamengine.errors import WorkspaceError
from kamengine.kpi import SubjectType
from kamengine.periods import Calendar
from kamengine.replay.attic import Attic, Retired
from kamengine.value import Value, shown

COLUMNS = ("subject", "period", "value", "numerator", "denominator", "count", "status", "reason")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the values are asked for; None stands for all.

    Attributes:
        period: One period.
        kind: Periods of one kind.
        subject: One subject.
    """

    period: str | None
    kind: str | None
    subject: str | None


def kept_of(app: App, kpi_id: str) -> Retired | None:
    """Return what is kept of a KPI that was in force and isn't any more; else None.

    Who looks back asks a state of the past, and not what was put aside since.
    """
    try:
        if app.looks_back or kpi_id in app.definitions.registry.kpis:
            return None
        return Attic(app.workspace.values_path).find(kpi_id)
    except WorkspaceError:  # nobody says that a definition is asked for inside a workspace
        return None


def print_kept(
    app: App, retired: Retired, grain: SubjectType, wanted: Wanted, output: Format
) -> None:
    """Print the values that a KPI had when it was there last."""
    period = None if wanted.period is None else Calendar().window(wanted.period).period
    found = Attic(app.workspace.values_path).kept(retired, grain, period, wanted.subject)
    if wanted.kind is not None:
        found = [v for v in found if Calendar().window(v.period).kind == wanted.kind]
    rows = [msgspec.structs.asdict(v) for v in found]
    if output == "table":
        title = retired.declaration.title if retired.declaration else retired.kpi
        click.echo(f"{headed(app, title, retired.unit)}, by {grain}")
        rows = [row | {"value": shown(v.value, v.unit)} for row, v in zip(rows, found, strict=True)]
    print_rows(rows, COLUMNS if output == "table" else Value.__struct_fields__, output)
    _tell(app, retired)


def show_kept(app: App, retired: Retired, output: Format) -> None:
    """Print what a KPI was."""
    told = retired.declaration
    known = {} if told is None else msgspec.structs.asdict(told)
    print_record({"kpi": retired.kpi, "definition": retired.definition, **known}, output)
    _tell(app, retired)


def _tell(app: App, retired: Retired) -> None:
    pack = ""
    if retired.declaration is not None and retired.declaration.pack:
        name = retired.declaration.pack
        broken = any(found.name == name for found in app.registry.quarantined)
        pack = f" (it was in {name}{', which is quarantined' if broken else ''})"
    note(
        f"{retired.kpi} isn't in force any more{pack}: its last values are as of"
        f" {retired.as_of:%Y-%m-%d %H:%M} UTC and log position {retired.position:,}, by the"
        f" definition {retired.definition}."
    )
