"""``kamengine report``: every scorecard of a period as linked pages."""

from __future__ import annotations

from pathlib import Path

import click

from kamengine.cli.asking import (
    as_of_option,
    audience_option,
    open_reader,
    period_option,
    window_of,
)
from kamengine.cli.context import App, pass_app
from kamengine.config.section import Audience


@click.command()
@pass_app
@period_option
@click.option(
    "--out",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the pages go; pages of an earlier report there are written over.",
)
@audience_option
@as_of_option
def report(app: App, period: str, folder: Path, audience: Audience, as_of: str | None) -> None:
    """Write every scorecard of a period as pages, with a list that sorts and filters.

    The organisation, its teams, managers and accounts have a page each, linked to one another.
    They open from the disk, without a server and without a network.
    """
    from kamengine.report.site import write

    open_reader(app)
    written = write(app.answers, window_of(app, period, as_of), folder, audience)
    counts = ", ".join(
        f"{count:,} {kind}{'s' if count > 1 else ''}" for kind, count in written.pages.items()
    )
    click.echo(f"{counts}: open {written.index}")
