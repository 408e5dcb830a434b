"""The command line: nouns first, verbs second. Only this package prints or exits."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import click

from kamengine.errors import KamengineError

COMMANDS = {
    "demo": ("kamengine.cli.demo", "Invent an organisation, replay it, score it."),
    "init": ("kamengine.cli.init", "Make a new workspace."),
    "status": ("kamengine.cli.status", "Show how far the values are, and what is broken."),
    "plan": ("kamengine.cli.plan", "Show what packs and YAML would change, and what would move."),
    "apply": ("kamengine.cli.apply", "Put packs and YAML into force."),
    "rollback": ("kamengine.cli.apply", "Return to what was in force before."),
    "replay": ("kamengine.cli.replay", "Bring values up to the log and the definitions."),
    "scorecard": ("kamengine.cli.scorecard", "Print what counts for an account or a manager."),
    "report": ("kamengine.cli.report", "Write every scorecard of a period as linked pages."),
    "values": ("kamengine.cli.values", "Print a KPI's values."),
    "explain": ("kamengine.cli.explain", "Say what a value is made of, down to the events."),
    "definitions": ("kamengine.cli.definitions", "Show what was in force when."),
    "publish": ("kamengine.cli.publish", "Put a period's scorecards on record."),
    "period": ("kamengine.cli.publish", "Close periods whose numbers are final."),
    "restatements": ("kamengine.cli.restatements", "Show reported numbers that are other ones."),
    "events": ("kamengine.cli.events", "Append events, read them, check the log."),
    "kpis": ("kamengine.cli.kpis", "List the KPIs, show one, or ask over several."),
    "config": ("kamengine.cli.config", "Check the YAML, and see what holds for whom."),
    "targets": ("kamengine.cli.targets", "Find targets that people can reach."),
    "plugins": ("kamengine.cli.plugins", "Show the packs, or begin one."),
}
"""Every command: the module that holds it under its own name, and its one line of help. A module
is imported when its command is run, so that none waits for the libraries of another."""

DONE, LOOK, FAILED, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: done; done, and there is something to look at; misuse or failure; Ctrl-C."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are run, and that reports every failure."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return our own names in the order in which they are declared, then those of packs."""
        return [*COMMANDS, *sorted(_commands_of_packs(ctx))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command; packs are looked at only for what isn't our own."""
        if cmd_name not in COMMANDS:
            return _commands_of_packs(ctx).get(cmd_name)
        command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]}.{cmd_name} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of our own."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])
        if others := _commands_of_packs(ctx):
            lines = [(name, c.get_short_help_str()) for name, c in sorted(others.items())]
            with formatter.section("Commands of packs"):
                formatter.write_dl(lines)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whatever goes wrong becomes one sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except BrokenPipeError:
            _drop_output()
            ctx.exit(DONE)
        except KeyboardInterrupt:
            click.echo("Interrupted: what was acknowledged before stands.", err=True)
            ctx.exit(INTERRUPTED)
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            click.echo(f"Error: {_sentence(error, _pack_of(ctx))}", err=True)
            ctx.exit(FAILED)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-w",
    "--workspace",
    type=click.Path(path_type=Path),
    envvar="KAMENGINE_WORKSPACE",
    default=Path(),
    help="The folder that holds the organisation's config and log; else the current one.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of a failure.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="warning",
    show_default=True,
    help="What is logged to stderr.",
)
@click.version_option(package_name="kamengine")
@click.pass_context
def main(ctx: click.Context, workspace: Path, debug: bool, log_level: str) -> None:  # noqa: ARG001 - `invoke` reads debug
    """Measure how well key accounts are managed, from an append-only log of events."""
    from kamengine.cli.context import App

    ctx.obj = ctx.obj or App(workspace, log_level=log_level)


def _commands_of_packs(ctx: click.Context) -> dict[str, click.Command]:
    """Return what packs add; the run is made here where no command has made it yet."""
    from kamengine.cli.context import App

    app = ctx.find_object(App)
    if app is None:
        app = ctx.obj = App(ctx.params.get("workspace"))
    return app.registry.commands


def _pack_of(ctx: click.Context) -> str | None:
    """Return the pack that the command came with, or None for one of our own."""
    command = ctx.invoked_subcommand
    if command is None or command in COMMANDS:
        return None
    found: str | None = ctx.obj.registry.pack_of.get(f"commands:{command}")
    return found


def _sentence(error: Exception, pack: str | None) -> str:
    if isinstance(error, KamengineError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}."
    to = f" to the authors of {pack}" if pack else ""
    hint = f"run it again with --debug to see where, and please report it{to}"
    return f"Something unexpected failed ({type(error).__name__}: {error}); {hint}."


def _drop_output() -> None:
    """Let nothing more go to a pipe that nobody reads, not even when Python exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
