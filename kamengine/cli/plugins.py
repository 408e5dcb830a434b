"""``kamengine plugins``: which packs there are, and which are kept apart."""

from __future__ import annotations

import sys

import click

from kamengine.cli.desk import Desk, in_workspace
from kamengine.cli.output import Format, Row, formatted, print_rows
from kamengine.plugins import Pack


@click.group()
def plugins() -> None:
    """See the packs that kamengine found."""


@plugins.command("list")
@in_workspace
@formatted
def list_(desk: Desk, form: Format) -> None:
    """List the packs, what each provides, and why a quarantined one is.

    Exit code 1 where one is quarantined.
    """
    print_rows([_row(pack, form) for pack in desk.registry.packs], form, empty="No packs.")
    if desk.registry.quarantined:
        sys.exit(1)


def _row(pack: Pack, form: Format) -> Row:
    provides = ", ".join(f"{count} {kind}" for kind, count in pack.provides.items())
    return {
        "name": pack.name,
        "status": pack.status,
        "distribution": pack.distribution,
        "version": pack.version,
        "provides": provides if form == "table" else pack.provides,
        "reason": pack.reason,
    }
