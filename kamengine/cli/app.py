"""The ``kamengine`` command: its subcommands, loaded when asked for, and its exits."""

from __future__ import annotations

import importlib
import logging
import os
import sys
import traceback

import click

import kamengine
from kamengine.cli.desk import Desk
from kamengine.errors import KamengineError

DONE, LOOK, FAILED = 0, 1, 2
"""Exit codes: done; done, and there is something to look at; misuse or failure."""

COMMANDS = {
    "demo": "demo:demo",
    "init": "init:init",
    "status": "status:status",
    "replay": "replay:replay",
    "scorecard": "scorecard:scorecard",
    "values": "values:values",
    "explain": "explain:explain",
    "events": "events:events",
    "kpis": "kpis:kpis",
    "config": "config:config",
    "plugins": "plugins:plugins",
}
"""Verbs that users live in first, then nouns with verbs of their own; where each is found."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they run, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command by its name."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(f"kamengine.cli.{module}"), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(kamengine.__version__, prog_name="kamengine")
@click.option("--debug", is_flag=True, help="Show tracebacks, and log what is done.")
@click.pass_context
def app(ctx: click.Context, debug: bool) -> None:
    """Measure how well key accounts are managed: exact, and explained to the event."""
    ctx.obj = Desk(debug=debug)
    _set_up_logs(debug=debug)


def main() -> None:
    """Run the command line; every way out passes through here."""
    debug = "--debug" in sys.argv
    try:
        code = app.main(standalone_mode=False, prog_name="kamengine")
        _flush()
    except click.exceptions.Abort:
        code = _complain("Interrupted.")
    except click.ClickException as error:
        error.show()
        code = FAILED
    except KamengineError as error:
        if debug:
            traceback.print_exc()
        code = _complain(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = DONE
    except Exception as error:  # noqa: BLE001 - the last line of defence; says so, and exits 2
        if debug:
            traceback.print_exc()
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        code = _complain(f"Unexpected failure ({what}); run again with --debug to see where.")
    sys.exit(code if isinstance(code, int) else DONE)


def _complain(sentence: str) -> int:
    click.echo(sentence, err=True)
    return FAILED


def _flush() -> None:
    sys.stdout.flush()


def _set_up_logs(*, debug: bool) -> None:
    """Send structured logs to stderr; without --debug only what someone must know."""
    import structlog

    level = logging.DEBUG if debug else logging.WARNING
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
