"""``kamengine replay``: bring values up to the log, the definitions and the config."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator

import click

from kamengine.cli.asking import as_of_option
from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, note, print_document
from kamengine.courier.client import Courier
from kamengine.replay.notifying import Notifying
from kamengine.replay.outcome import Replayed
from kamengine.replay.staleness import Progress


@click.command()
@pass_app
@click.option("--full", is_flag=True, help="Make everything from nothing, whatever seems stale.")
@click.option(
    "--account",
    metavar="ID",
    help="Make this account anew from the log, beside what is new and what is stale.",
)
@click.option("--retry", is_flag=True, help="Try parked definitions again, even unchanged ones.")
@as_of_option
@click.option("--follow", is_flag=True, help="Go on replaying as events come in, until Ctrl-C.")
@click.option(
    "--every",
    type=click.FloatRange(0.1),
    default=1.0,
    show_default=True,
    help="With --follow: seconds between looks.",
)
@format_option
def replay(
    app: App,
    full: bool,
    account: str | None,
    retry: bool,
    as_of: str | None,
    follow: bool,
    every: float,
    output: Format,
) -> None:
    """Replay the log into values: what is new, or what a changed definition makes stale.

    Readers see the state before or the state after, and never wait. A definition that fails is
    parked: it costs itself and what reads it, is named here and by `kamengine status`, and is
    tried again once it, or what it reads, has changed. With --full, the first one that fails
    ends the replay, and nothing changes.

    --account is for an account whose numbers look wrong: its facts, projections and evidence are
    made from nothing, with those of accounts that were merged with it, and whatever values rest
    on what turns out otherwise.

    A replay that breaks off loses little: the next one goes on from where it was. Packs'
    notifiers are told of the result; one that fails is named, and changes nothing.
    """
    if full and account:
        raise click.UsageError("--full makes every account anew; leave --account out")
    with carrying() as courier, progress_bar() as progress:
        if count := app.adopt():
            note(f"Applied {count} definitions and the config, as nothing was applied before.")
        replayer = app.replayer(courier, progress)
        notifying = Notifying(app.workspace, app.registry)
        done = replayer.replay(app.clock(), full=full, as_of=as_of, retry=retry, account=account)
        _report(done, notifying, output)
        while follow:
            time.sleep(every)
            if _behind(app):
                _report(replayer.replay(app.clock(), as_of=as_of), notifying, output)
    if done.parked:
        sys.exit(1)


@contextlib.contextmanager
def carrying() -> Iterator[Courier]:
    """Start a courier at once, so that its start-up falls into whatever else is done before."""
    with Courier() as courier:
        courier.start()
        yield courier


def catch_up(app: App, courier: Courier) -> Replayed:
    """Replay what another command put into the log, and tell packs' notifiers."""
    notifying = Notifying(app.workspace, app.registry)
    with progress_bar() as progress:
        done = app.replayer(courier, progress).replay(app.clock())
    for failure in notifying.tell(done):
        note(failure)
    return done


@contextlib.contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show how far a replay is and how long it will take, on stderr, where that is a terminal.

    The time left is told by the pace so far: there is none at first, and none where nobody knows
    how much there is to do.
    """
    if not sys.stderr.isatty():
        yield lambda _stage, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    from kamengine.replay.pace import share_done

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def show(stage: str, done: int, total: int) -> None:
            of = f" of {total:,}" if total else ""
            share = share_done(stage, done, total)
            whole = None if share is None else 1.0
            told = f"{stage}: {done:,}{of}"
            bar.update(task, description=told, completed=share or 0.0, total=whole)

        yield show


def _report(done: Replayed, notifying: Notifying, output: Format) -> None:
    if output == "table":
        _print(done)
    else:
        print_document(done, output)
    for failure in notifying.tell(done):
        note(failure)


def _print(done: Replayed) -> None:
    count = len(done.recomputed)
    what = "everything" if done.full else f"{done.events:,} new events"
    click.echo(
        f"Replayed {what} up to position {done.position:,} in {done.seconds:.2f} s;"
        f" {count} {'KPI' if count == 1 else 'KPIs'} recomputed."
    )
    if done.accounts:
        click.echo(f"Made anew from the log: {', '.join(done.accounts)}.")
    for name, reason in sorted(done.parked.items()):
        note(f"parked: {name}: {reason}")


def _behind(app: App) -> bool:
    from kamengine.log.sqlite import SQLiteEventLog
    from kamengine.replay.book import Book

    head = Book(app.workspace.values_path).head()
    position = SQLiteEventLog(app.workspace.log_path).head().position
    return head is None or head.position < position
