"""``kamengine kpis``: which KPIs there are, and what each means."""

from __future__ import annotations

from typing import get_args

import click
import msgspec

from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, Row, format_option, print_json, print_rows
from kamengine.kpi import KPI, Family, Formula


@click.group()
def kpis() -> None:
    """List the KPIs, or show one with its formula, inputs and source."""


@kpis.command("list")
@pass_app
@click.option("--family", type=click.Choice(get_args(Family)), help="Only such KPIs.")
@click.option("--timing", type=click.Choice(["leading", "lagging"]), help="Only such KPIs.")
@click.option(
    "--class", "kind", type=click.Choice(["activity", "objective"]), help="Only such KPIs."
)
@format_option
def list_(
    app: App, family: str | None, timing: str | None, kind: str | None, output: Format
) -> None:
    """List the KPIs that the installed packs register."""
    wanted = {"family": family, "timing": timing, "kind": kind}
    found = [
        kpi
        for kpi in sorted(app.registry.kpis.values(), key=lambda k: (k.family, k.id))
        if all(value is None or getattr(kpi, name) == value for name, value in wanted.items())
    ]
    columns = ("id", "title", "family", "timing", "unit", "better", "value", "pack")
    print_rows([_row(app, kpi) for kpi in found], columns, output)


@kpis.command()
@pass_app
@click.argument("kpi_id", metavar="ID")
@format_option
def show(app: App, kpi_id: str, output: Format) -> None:
    """Show one KPI: its meaning, formula, parameters, SQL and source."""
    kpi = app.registry.kpi(kpi_id)
    if output == "json":
        params = msgspec.structs.asdict(kpi.params)
        print_json({**_row(app, kpi), "doc": kpi.doc, "params": params, "sql": kpi.sql.strip()})
    elif output == "csv":
        row = _row(app, kpi)
        print_rows([row], list(row), "csv")
    else:
        _print(app, kpi)


def _row(app: App, kpi: KPI) -> Row:
    return {
        "id": kpi.id,
        "version": kpi.version,
        "title": kpi.title,
        "meaning": kpi.meaning,
        "family": kpi.family,
        "timing": kpi.timing,
        "class": kpi.kind,
        "unit": kpi.unit,
        "better": kpi.better,
        "value": type(kpi.value).__name__.lower(),
        "empty": kpi.empty,
        "min_count": kpi.min_count,
        "controllable_by": kpi.controllable_by,
        "source": kpi.source,
        "runs_on": "DuckDB alone" if kpi.duckdb_only else "DuckDB, Spark",
        "pack": app.registry.pack_of.get(f"kpis:{kpi.id}", "-"),
    }


def _because(kpi: KPI) -> str:
    return f": {kpi.duckdb_only}" if kpi.duckdb_only else ""


def _print(app: App, kpi: KPI) -> None:
    click.echo(f"{kpi.id} - {kpi.title} (version {kpi.version})\n")
    click.echo(f"{kpi.doc.strip()}\n")
    row = _row(app, kpi)
    for name in ("family", "timing", "class", "unit", "better", "value", "empty", "min_count"):
        click.echo(f"  {name.replace('_', ' '):<16} {row[name]}")
    click.echo(f"  {'controllable by':<16} {', '.join(kpi.controllable_by) or 'nobody'}")
    click.echo(f"  {'pack':<16} {row['pack']}")
    click.echo(f"  {'runs on':<16} {row['runs_on']}" + _because(kpi))
    params = msgspec.structs.asdict(kpi.params)
    for name, value in params.items():
        click.echo(f"  ${name:<15} {value}")
    if isinstance(kpi.value, Formula):
        for name, operand in kpi.value.operands.items():
            click.echo(f"  {name:<16} {operand.kpi} of the {operand.of}")
        click.echo(f"\n({kpi.value.numerator})\n/ ({kpi.value.denominator})")
    else:
        click.echo(f"\n{kpi.sql.strip()}")
