"""``kamengine init``: a new workspace from the example organisation."""

from __future__ import annotations

from pathlib import Path

import click

from kamengine.config.example import copy_example

_NEXT = """\
Next:
  cd {root}
  $EDITOR config/organisation.yaml                     your name, currency and time zone
  kamengine config check                               is the YAML sound?
  kamengine config show --account northwind            what holds for an account, and why
  kamengine events append FILE                         bring in what happened
  kamengine replay                                     count it"""


@click.command()
@click.argument("root", metavar="DIR", type=click.Path(path_type=Path))
def init(root: Path) -> None:
    """Make a new workspace in DIR: the example organisation, to be changed into yours."""
    for file in copy_example(root):
        click.echo(f"wrote {file}")
    click.echo(_NEXT.format(root=root))
