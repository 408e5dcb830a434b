"""`kamengine plugins`: which packs there are, and what became of each."""

from __future__ import annotations

import click

from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, print_rows


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
            "provides": pack.provides
            if output == "json"
            else ", ".join(f"{count} {kind}" for kind, count in pack.provides.items()),
            "reason": pack.reason,
        }
        for pack in app.registry.packs
    ]
    print_rows(rows, ("pack", "status", "version", "distribution", "provides", "reason"), output)
