"""`kamengine plugins`: which packs there are, what became of each, and a new one."""

from __future__ import annotations

from pathlib import Path

import click

from kamengine.cli.check import check_command
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, note, print_rows


@click.group()
def plugins() -> None:
    """Show the packs and what they provide, or begin one."""


@plugins.command("list")
@format_option
@pass_app
def list_packs(app: App, output: Format) -> None:
    """List every pack found: loaded, or quarantined and why."""
    rows = [
        {
            "pack": pack.name,
            "status": pack.status,
            "version": pack.version,
            "distribution": pack.distribution,
            "api": pack.api,
            "provides": pack.provides
            if output == "json"
            else ", ".join(_counted(kind, count) for kind, count in pack.provides.items()),
            "reason": pack.reason,
            "warnings": list(pack.warnings),
        }
        for pack in app.registry.packs
    ]
    columns = ("pack", "status", "version", "distribution", "api", "provides", "reason")
    print_rows(rows, columns, output)
    if output == "table":
        for pack in app.registry.packs:
            for warning in pack.warnings:
                note(f"{pack.name}: {warning}.")


@plugins.command()
@pass_app
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Where the pack's folder is made; else here.",
)
def new(_app: App, name: str, into: Path) -> None:
    """Make a complete package NAME, with a KPI, an event type, cases and tests.

    It works as it is: install it, run its tests, and put your own in the place of its examples.
    """
    from kamengine.scaffold import make_pack

    for file in make_pack(name, into):
        click.echo(f"wrote {file}")
    click.echo(f"\nInstall it and run its tests:\n  cd {into / name}")
    click.echo("  pip install -e '.[test]'\n  pytest")


plugins.add_command(check_command)


def _counted(kind: str, count: int) -> str:
    return f"{count} {kind.removesuffix('s') if count == 1 else kind}"
