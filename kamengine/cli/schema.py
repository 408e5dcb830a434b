"""``kamengine config schema``: what editors complete and check the YAML by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import msgspec

from kamengine.cli.context import App, pass_app
from kamengine.config.folder import SHAPES
from kamengine.errors import KamengineError

if TYPE_CHECKING:
    from kamengine.config.model import Organisation


@click.command()
@pass_app
@click.argument("name", type=click.Choice(list(SHAPES)), required=False)
@click.option("--write", "writes", is_flag=True, help="Write them all into config/.schema.")
def schema(app: App, name: str | None, writes: bool) -> None:
    """Print the JSON Schema of a file of the config folder, or write those of all.

    An editor's YAML support completes keys and KPIs from it, explains them, and checks what is
    written. The first line of a file says where it is:

        # yaml-language-server: $schema=.schema/kpis.json

    Write them anew after packs or the organisation's tiers and segments changed.
    """
    from kamengine.config.schema import FOLDER, schemas

    if writes == (name is not None):
        raise click.UsageError(f"Name one of {', '.join(SHAPES)}, or --write them all.")
    found = schemas(app.registry, _organisation(app))
    texts = {each: text(document) for each, document in found.items()}
    if name is not None:
        click.echo(texts[name], nl=False)
        return
    folder = app.workspace.config_dir / FOLDER
    folder.mkdir(exist_ok=True)
    for each, content in texts.items():
        file = folder / f"{each}.json"
        file.write_text(content, encoding="utf-8")
        click.echo(f"wrote {file}")


def text(document: dict[str, object]) -> str:
    """Return a schema as text."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"


def _organisation(app: App) -> Organisation | None:
    """Return the organisation, for its tiers and segments; None where it can't be read."""
    from kamengine.config.folder import load_organisation

    try:
        return load_organisation(app.workspace.config_dir, app.registry)
    except KamengineError:
        return None
