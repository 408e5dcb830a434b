"""Would put itself in the place of a command of kamengine's own."""

from __future__ import annotations

import click

from kamengine import hookimpl

kamengine_api = "1.0"


@click.command("replay")
def replay() -> None:
    """Do something else than a replay."""


@hookimpl
def kamengine_commands() -> list[click.Command]:
    return [replay]
