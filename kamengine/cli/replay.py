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
from kamengine.replay.replay import Replayed, Replayer
from kamengine.replay.staleness import Progress


@click.command()
@pass_app
@click.option("--full", is_flag=True, help="Make everything from nothing, whatever seems stale.")
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
    app: App, full: bool, as_of: str | None, follow: bool, every: float, output: Format
) -> None:
    """Replay the log into values: what is new, or what a changed definition makes stale.

    Readers see the state before or the state after, and never wait. A definition that fails
    costs only itself; it is named here and by `kamengine status`. Packs' notifiers are told of
    the result; one that fails is named, and changes nothing.
    """
    with Courier() as courier, progress_bar() as progress:
        replayer = Replayer(app.workspace, app.registry, app.settings, courier, progress)
        notifying = Notifying(app.workspace, app.registry)
        done = replayer.replay(app.clock(), full=full, as_of=as_of)
        _report(done, notifying, output)
        while follow:
            time.sleep(every)
            if _behind(app):
                _report(replayer.replay(app.clock(), as_of=as_of), notifying, output)
    if done.parked:
        sys.exit(1)


@contextlib.contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show how far a replay is, on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _stage, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting")

        def show(stage: str, done: int, total: int) -> None:
            of = f" of {total:,}" if total else ""
            bar.update(task, description=f"{stage}: {done:,}{of}")

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
    for name, reason in sorted(done.parked.items()):
        note(f"parked: {name}: {reason}")


def _behind(app: App) -> bool:
    from kamengine.log.sqlite import SQLiteEventLog
    from kamengine.replay.book import Book

    head = Book(app.workspace.values_path).head()
    position = SQLiteEventLog(app.workspace.log_path).head().position
    return head is None or head.position < position
