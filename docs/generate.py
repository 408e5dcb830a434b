"""Write the pages that say what the code says, or check that they still do.

``python -m docs.generate`` writes them; with ``--check`` it writes nothing, names every page
that is out of step, and exits with 1 where there is one.
"""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import click

from docs.pages import checks, cli, events, hooks, kpis, portability, projections
from kamengine.catalogue.lineage import Lineage
from kamengine.plugins import Registry

FOLDER = Path(__file__).parent
NOTICE = "<!-- Written by `python -m docs.generate` from the code. Edit that instead. -->\n\n"
COMMAND = "python -m docs.generate"


def shipped() -> Registry:
    """Load the packs that come with kamengine, and no others that may be installed beside it."""
    registry = Registry()
    points = metadata.distribution("kamengine").entry_points.select(group="kamengine")
    for point in sorted(points, key=lambda p: p.name):
        pack = registry.add(point.name, point.load(), "kamengine", "")
        if pack.reason:
            raise click.ClickException(f"The pack {pack.name} is quarantined: {pack.reason}.")
    for name, reason in Lineage(registry).graph.broken.items():
        raise click.ClickException(f"{name} is broken: {reason}.")
    return registry


def pages(registry: Registry) -> dict[str, str]:
    """Return every generated page by its file name."""
    texts = {
        "cli.md": cli.page(),
        "checks.md": checks.page(),
        "hooks.md": hooks.page(),
        "events.md": events.page(registry),
        "projections.md": projections.page(registry),
        "kpis.md": kpis.page(registry),
        "portability.md": portability.page(registry),
    }
    return {name: f"{NOTICE}{text.rstrip()}\n" for name, text in texts.items()}


def stale(folder: Path, texts: dict[str, str]) -> list[str]:
    """Return the names of the pages that aren't in a folder as they should be."""
    return [
        name
        for name, text in texts.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a page is out of step.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=FOLDER,
    help="Where the pages are, if not beside this file.",
)
def main(check: bool, folder: Path) -> None:
    """Write the generated pages of the documentation."""
    texts = pages(shipped())
    outdated = stale(folder, texts)
    for name in outdated:
        if check:
            click.echo(f"docs/{name} is out of step with the code; run `{COMMAND}`.", err=True)
        else:
            (folder / name).write_text(texts[name], encoding="utf-8")
            click.echo(f"wrote {folder / name}")
    if check and outdated:
        sys.exit(1)


if __name__ == "__main__":
    main()
