"""``kamengine apply`` and ``rollback``: put definitions and config into force."""

from __future__ import annotations

import datetime as dt
import getpass
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kamengine.cli.context import App, pass_app
from kamengine.cli.output import note
from kamengine.cli.plan import NOTHING, compute, effective_option, print_plan
from kamengine.cli.replay import carrying, catch_up
from kamengine.courier.client import Courier
from kamengine.errors import ReplayError
from kamengine.history.approval import Approval
from kamengine.history.definitions import Definitions
from kamengine.history.plan import Plan

if TYPE_CHECKING:
    from kamengine.history.ledger import Applying

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
    Readers see the values before or those after, never a mixture. What an apply that broke off
    has put on record is replayed first.

    With --effective-from, what changes holds for periods that begin on that day or later.
    Earlier ones keep what holds for them, late events included.
    """
    approval = Approval(by or getpass.getuser(), why, app.clock(), effective_from)
    if not app.applied:
        _put_first(app, approval, yes)
        return
    with _holding(app, approval.by), carrying() as courier:
        if last := _unfinished(app):
            note(f"What {last.by} applied ({last.why}) is on record, and wasn't replayed yet.")
            _replay(app, courier)
        _put_into_force(app, app.history.planned(effective_from), approval, courier, yes=yes)


@click.command()
@pass_app
@click.option("--to", "apply_id", metavar="APPLY", help="An earlier apply; else that before last.")
@_approval_options
def rollback(app: App, apply_id: str | None, why: str, by: str | None, yes: bool) -> None:
    """Return to definitions and config that were in force before.

    Nothing is taken off the record: the return is an apply like any other. Packs and YAML stay
    as they are, so `kamengine plan` goes on to show what they say otherwise. A return that broke
    off is gone on with, and goes back no further.
    """
    from kamengine.history.definitions import applied
    from kamengine.history.ledger import before

    who = by or getpass.getuser()
    with _holding(app, who), carrying() as courier:
        last = _unfinished(app)
        if last is not None and last.restores is not None and apply_id in (None, last.restores):
            note(f"The return to {last.restores} is on record, and wasn't replayed yet.")
            _replay(app, courier)
            return
        run, eras = before(app.log, apply_id)
        wanted = applied(eras, app.registry, app.workspace.config_dir)
        approval = Approval(who, why, app.clock(), restores=run)
        _put_into_force(app, wanted, approval, courier, yes=yes)


def _holding(app: App, by: str) -> AbstractContextManager[None]:
    from kamengine.history.apply import applying

    return applying(app.workspace, by, app.on_step)


def _unfinished(app: App) -> Applying | None:
    from kamengine.history.apply import unfinished

    return unfinished(app.workspace, app.log)


def _put_first(app: App, approval: Approval, yes: bool) -> None:
    """Put everything into force where nothing was; there are no periods that keep another."""
    _ask(yes)
    count = app.adopt(approval._replace(effective_from=None))
    note(f"{count} definitions and the config are on record, the first ones.")
    with carrying() as courier:
        _replay(app, courier)


def _put_into_force(
    app: App, after: Definitions, approval: Approval, courier: Courier, *, yes: bool
) -> None:
    from kamengine.history.apply import record

    found = compute(app, app.history.in_force(None), after, courier)
    if not found.changes:
        click.echo(NOTHING)
        return
    print_plan(found, after, limit=10)
    _refuse_broken(found)
    _ask(yes)
    position = record(app.log, found.changes, after, approval, app.on_step)
    note(f"On record up to position {position:,}.")
    _replay(app, courier)


def _refuse_broken(found: Plan) -> None:
    if not found.problems:
        return
    name, reason = min(found.problems.items())
    raise ReplayError(
        f"Nothing was applied, because of {name} ({reason.rstrip('.')})",
        hint="mend it, or take it out, then run `kamengine plan`",
    )


def _ask(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is here to approve: say --yes.")
    click.confirm("Apply?", abort=True)


def _replay(app: App, courier: Courier) -> None:
    app.forget()
    done = catch_up(app, courier)
    app.forget()
    count = len(done.recomputed)
    click.echo(f"Applied; {count} {'KPI' if count == 1 else 'KPIs'} recomputed.")
    for name, reason in sorted(done.parked.items()):
        note(f"parked: {name}: {reason}")
