"""``kamengine apply`` and ``rollback``: put definitions and config into force."""

from __future__ import annotations

import datetime as dt
import getpass
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from kamengine.cli.context import App, pass_app
from kamengine.cli.output import note
from kamengine.cli.plan import NOTHING, compute, effective_option, print_plan
from kamengine.cli.replay import catch_up
from kamengine.errors import ReplayError
from kamengine.history.approval import Approval
from kamengine.history.definitions import Definitions
from kamengine.history.plan import Plan

Command = TypeVar("Command", bound=Callable[..., Any])


def _approval_options(command: Command) -> Command:
    for option in (
        click.option("--yes", is_flag=True, help="Don't ask; needed where nobody can answer."),
        click.option("--by", metavar="NAME", help="Who approves; else the user of this machine."),
        click.option("--why", required=True, metavar="TEXT", help="What for; kept on record."),
    ):
        command = option(command)
    return command


@click.command()
@pass_app
@effective_option
@_approval_options
def apply(app: App, why: str, by: str | None, yes: bool, effective_from: dt.date | None) -> None:
    """Put packs and YAML into force as they stand, and replay what that touches.

    The definitions and the config become events of the log, with who approved them and why.
    Readers see the values before or those after, never a mixture.

    With --effective-from, what changes holds for periods that begin on that day or later.
    Earlier ones keep what holds for them, late events included.
    """
    app.adopt()
    approval = Approval(by or getpass.getuser(), why, app.clock(), effective_from)
    _put_into_force(app, lambda: app.history.planned(effective_from), approval, yes)


@click.command()
@pass_app
@click.option("--to", "apply_id", metavar="APPLY", help="An earlier apply; else that before last.")
@_approval_options
def rollback(app: App, apply_id: str | None, why: str, by: str | None, yes: bool) -> None:
    """Return to definitions and config that were in force before.

    Nothing is taken off the record: the return is an apply like any other. Packs and YAML stay
    as they are, so `kamengine plan` goes on to show what they say otherwise.
    """
    from kamengine.history.definitions import applied
    from kamengine.history.ledger import before

    run, eras = before(app.log, apply_id)
    wanted = applied(eras, app.registry, app.workspace.config_dir)
    approval = Approval(by or getpass.getuser(), why, app.clock(), restores=run)
    _put_into_force(app, lambda: wanted, approval, yes)


def _put_into_force(
    app: App, wanted: Callable[[], Definitions], approval: Approval, yes: bool
) -> None:
    from kamengine.history.apply import applying, record

    with applying(app.workspace, approval.by):
        after = wanted()
        found = compute(app, app.history.in_force(None), after)
        if not found.changes:
            click.echo(NOTHING)
            return
        print_plan(found, after, limit=10)
        _refuse_broken(found)
        _ask(yes)
        position = record(app.log, found.changes, after, approval)
        note(f"On record up to position {position:,}.")
        app.forget()
        _replay(app)


def _refuse_broken(found: Plan) -> None:
    if not found.problems:
        return
    name, reason = min(found.problems.items())
    raise ReplayError(
        f"Nothing was applied, since {name} can't be computed ({reason})",
        hint="mend it, or take it out, then run `kamengine plan`",
    )


def _ask(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is here to approve: say --yes.")
    click.confirm("Apply?", abort=True)


def _replay(app: App) -> None:
    done = catch_up(app)
    count = len(done.recomputed)
    click.echo(f"Applied; {count} {'KPI' if count == 1 else 'KPIs'} recomputed.")
    for name, reason in sorted(done.parked.items()):
        note(f"parked: {name}: {reason}")
