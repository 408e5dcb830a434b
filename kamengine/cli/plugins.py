"""`kamengine plugins`: which packs there are, and what became of each."""

from __future__ import annotations

import click

from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, note, print_rows


@click.group()
def plugins() -> None:
    """Show the packs and what they provide."""


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


def _counted(kind: str, count: int) -> str:
    return f"{count} {kind.removesuffix('s') if count == 1 else kind}"
