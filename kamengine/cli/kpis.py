"""``kamengine kpis``: which KPIs there are, and what each means."""

from __future__ import annotations

import sys
from typing import get_args

import click
import msgspec

from kamengine.cli.asking import tell_deprecated
from kamengine.cli.context import App, pass_app
from kamengine.cli.kept import kept_of, show_kept
from kamengine.cli.kpi_queries import quadrant_command, saturation_command
from kamengine.cli.output import Format, Row, format_option, print_json, print_rows
from kamengine.cli.try_ import try_command
from kamengine.kpi import KPI, Family


@click.group()
def kpis() -> None:
    """List the KPIs, show one, or ask what several say together."""


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
    columns = ("id", "title", "family", "timing", "class", "unit", "better", "value", "pack")
    print_rows([_row(app, kpi) for kpi in found], columns, output)


@kpis.command()
@pass_app
@click.argument("kpi_id", metavar="ID")
@format_option
def show(app: App, kpi_id: str, output: Format) -> None:
    """Show one KPI as the catalogue has it: meaning, formula, parameters, inputs, SQL, source."""
    retired = None if kpi_id in app.registry.kpis else kept_of(app, kpi_id)
    if retired is not None:
        show_kept(app, retired, output)
        return
    kpi = app.registry.kpi(kpi_id)
    tell_deprecated(kpi)
    if output == "json":
        params = msgspec.structs.asdict(kpi.params)
        print_json({**_row(app, kpi), "doc": kpi.doc, "params": params, "sql": kpi.sql.strip()})
    elif output == "table":
        _print(app, kpi)
    else:
        row = _row(app, kpi)
        print_rows([row], list(row), output)


kpis.add_command(saturation_command)
kpis.add_command(quadrant_command)
kpis.add_command(try_command)


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
        "min_items": kpi.min_items,
        "controllable_by": kpi.controllable_by,
        "source": kpi.source,
        "replaced_by": kpi.replaced_by or None,
        "runs_on": "DuckDB alone" if kpi.duckdb_only else "DuckDB, Spark",
        "pack": app.registry.pack_of.get(f"kpis:{kpi.id}", "-"),
    }


def _print(app: App, kpi: KPI) -> None:
    """Print the entry of the documentation: as it is written, or laid out on a terminal."""
    from kamengine.catalogue.entry import entry, unfolded
    from kamengine.catalogue.lineage import Lineage
    from kamengine.testing.worked import worked

    pack = app.registry.pack_of.get(f"kpis:{kpi.id}", "-")
    parts = [f"# {kpi.id}", entry(kpi, Lineage(app.registry), pack, unfolded)]
    text = "\n\n".join(filter(None, [*parts, worked(kpi.id, pack, unfolded)]))
    if not sys.stdout.isatty():
        click.echo(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
