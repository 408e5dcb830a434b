"""Saying what became of files of events."""

from __future__ import annotations

import click
import msgspec

from kamengine.cli.output import printable
from kamengine.log.loading import Loaded


def row_of(result: Loaded) -> dict[str, object]:
    """Return the row of a file in the summary."""
    return {**msgspec.structs.asdict(result), "rejects": result.rejects}


def tell_reasons(result: Loaded) -> None:
    """Say on stderr why some lines of a file didn't come in."""
    if not result.appended + result.duplicates + result.failures:
        click.echo(f"{result.source}: there are no events in it.", err=True)
    for reason in result.reasons:
        click.echo(printable(reason), err=True)
    if more := result.failures - len(result.reasons):
        click.echo(f"{result.source}: and {more:,} more, in {result.rejects}.", err=True)
    if result.undone:
        click.echo(f"{result.source}: nothing was appended, because of --strict.", err=True)
