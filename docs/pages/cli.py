"""``docs/cli.md``: the help of every command, as it is printed."""

from __future__ import annotations

from collections.abc import Iterator

import click

from kamengine.catalogue.markdown import fenced, table
from kamengine.cli import main
from kamengine.cli.context import App
from kamengine.plugins import Registry

WIDTH = 92

INTRO = """# The command line

Every command that prints data takes `--format table|json|csv`. Data goes to stdout, everything
else to stderr.
"""

EXIT_CODES = {
    "0": "Done.",
    "1": "Done, and there is something to look at: rejected events, a parked KPI, a mistake in"
    " the YAML.",
    "2": "Misuse or failure. One sentence on stderr says what to do; `--debug` shows a traceback.",
    "130": "Interrupted with Ctrl-C. What was acknowledged before stands.",
}


def page() -> str:
    """Return the page."""
    sections = (
        f"{'#' * min(depth + 1, 3)} {path}\n\n{fenced(help_text, 'text')}"
        for path, depth, help_text in _commands(main, None, "kamengine")
    )
    exit_codes = table(("exit code", "meaning"), EXIT_CODES.items())
    return "\n\n".join([INTRO.strip(), exit_codes, *sections])


def _commands(
    command: click.Command, parent: click.Context | None, name: str
) -> Iterator[tuple[str, int, str]]:
    """Yield a command and those below it: its full name, its depth, its help."""
    context = click.Context(
        command,
        parent,
        name,
        obj=None if parent else App(registry=Registry()),  # packs' commands are theirs to document
        terminal_width=WIDTH,
        **command.context_settings,
    )
    path = context.command_path
    yield path, len(path.split()), _trimmed(command.get_help(context))
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None and not found.hidden:
                yield from _commands(found, context, child)


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines())
