"""``kamengine status``: how far the values are, and what is wrong with what they rest on."""

from __future__ import annotations

import datetime as dt
import sys

import click
import msgspec

from kamengine.cli.context import App, pass_app
from kamengine.cli.output import Format, format_option, print_document


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a workspace stands.

    Attributes:
        log_position: The last event in the log.
        replayed_position: The last event that values know of; None before the first replay.
        lag_events: Events not replayed yet.
        lag_seconds: How long the oldest of them has been waiting.
        as_of: Where windows still open were cut.
        drifted: Definitions that are other than they were applied; ``config`` for the config.
        unavailable: KPIs without values, with the reason.
        quarantined: Packs that could not be loaded, with the reason.
    """

    log_position: int
    replayed_position: int | None
    lag_events: int
    lag_seconds: float
    as_of: dt.datetime | None
    drifted: tuple[str, ...]
    unavailable: dict[str, str]
    quarantined: dict[str, str]


@click.command()
@pass_app
@format_option
def status(app: App, output: Format) -> None:
    """Show the log's head, how far the values lag behind it, and what is broken or changed.

    Exit code 1 where there is something to look at.
    """
    found = _status(app)
    if output == "table":
        _print(found)
    else:
        print_document(found, output)
    if found.lag_events or found.drifted or found.unavailable or found.quarantined:
        sys.exit(1)


def _status(app: App) -> Status:
    from kamengine.log.contract import EventFilter
    from kamengine.log.sqlite import SQLiteEventLog
    from kamengine.replay.book import Book, instant

    log = SQLiteEventLog(app.workspace.log_path)
    head = Book(app.workspace.values_path).head()
    replayed = head.position if head else 0
    position = log.head().position
    waiting = next(iter(log.events(EventFilter(after=replayed))), None)
    lag = (app.clock() - instant(waiting.recorded_at)).total_seconds() if waiting else 0.0
    known = app.reader.definitions if head else {}
    return Status(
        log_position=position,
        replayed_position=head.position if head else None,
        lag_events=position - replayed,
        lag_seconds=max(0.0, lag),
        as_of=instant(head.as_of) if head else None,
        drifted=tuple(app.drift()),
        unavailable={k: d.problem for k, d in known.items() if d.problem},
        quarantined={p.name: p.reason or "" for p in app.registry.quarantined},
    )


def _print(found: Status) -> None:
    click.echo(f"log          {found.log_position:,} events")
    if found.replayed_position is None:
        click.echo("values       none yet; run `kamengine replay`")
    else:
        lag = (
            f"{found.lag_events:,} events and {found.lag_seconds:,.0f} s behind"
            if found.lag_events
            else "up to date"
        )
        click.echo(f"values       up to position {found.replayed_position:,}, {lag}")
        click.echo(f"as of        {found.as_of:%Y-%m-%d %H:%M} UTC")
    drifted = ", ".join(found.drifted) or "none"
    click.echo(f"drifted      {drifted}")
    for title, broken in (("unavailable", found.unavailable), ("quarantined", found.quarantined)):
        click.echo(f"{title:<12} {'none' if not broken else ''}".rstrip())
        for name, reason in sorted(broken.items()):
            click.echo(f"  {name}: {reason}")
