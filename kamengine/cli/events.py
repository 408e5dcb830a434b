"""`kamengine events`: bring events into the log, read them, and check them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from kamengine.cli import LOOK
from kamengine.cli.amend import correct, retract
from kamengine.cli.context import App, pass_app
from kamengine.cli.import_ import import_
from kamengine.cli.loaded import row_of, tell_reasons
from kamengine.cli.output import Format, format_option, print_record, print_rows
from kamengine.cli.stored import amendment_rows, event_row, found
from kamengine.errors import CorruptLogError, EventError
from kamengine.log.contract import EventFilter
from kamengine.log.description import describe
from kamengine.log.instants import format_instant, parse_instant
from kamengine.log.loading import Source, load

LISTED = (
    "position",
    "id",
    "type",
    "account_id",
    "manager_id",
    "occurred_at",
    "source",
    "status",
    "data",
)
SAID = ("id", "type", "recorded_at", "holds", "reason", "data")
LOADED = ("source", "appended", "duplicates", "rejected", "conflicts", "rejects")


@click.group()
def events() -> None:
    """Append events, read them, check the log."""


events.add_command(import_)
events.add_command(correct)
events.add_command(retract)


@events.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--strict", is_flag=True, help="Append everything or, if a line is unfit, nothing.")
@format_option
@pass_app
@click.pass_context
def append(
    ctx: click.Context, app: App, files: tuple[Path, ...], strict: bool, output: Format
) -> None:
    """Append the events of FILES, JSON lines or CloudEvents; - reads standard input.

    Lines that aren't fit for the log go to FILE.rejected.jsonl with their number and the reason.
    """
    sources = [_source(app, file) for file in files]
    with _progress(files, output) as advance:
        results = load(app.log, app.intake, sources, strict=strict, progress=advance)
    print_rows([row_of(result) for result in results], LOADED, output)
    for result in results:
        tell_reasons(result)
    if any(result.failures for result in results):
        ctx.exit(LOOK)


@events.command("list")
@click.option("--type", help="Only events of this type.")
@click.option("--account", help="Only events of this account.")
@click.option("--manager", help="Only events of this manager.")
@click.option("--source", help="Only events from this system.")
@click.option("--since", help="Only events that occurred at this time or day, or later.")
@click.option("--until", help="Only events that occurred before this time or day.")
@click.option("--after", type=click.IntRange(min=0), default=0, help="Only after this position.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="How many at most.",
)
@format_option
@pass_app
def list_events(app: App, /, after: int, limit: int, output: Format, **wanted: str | None) -> None:
    """List events in the order in which they were recorded.

    The status says of each whether it stands as recorded, was corrected, or was retracted.
    """
    from kamengine.log.standing import Standings

    if wanted["type"] is not None:
        app.registry.event_type(wanted["type"])
    where = EventFilter(
        type=wanted["type"],
        account_id=wanted["account"],
        manager_id=wanted["manager"],
        source=wanted["source"],
        since=_instant(app, "--since", wanted["since"]),
        until=_instant(app, "--until", wanted["until"]),
        after=after,
    )
    listed = list(islice(app.log.events(where), limit + 1))
    standings = Standings(app.log)
    rows = (event_row(event, standings.of(event)) for event in listed[:limit])
    print_rows(rows, LISTED, output)
    if len(listed) > limit:
        last = listed[limit - 1].position
        click.echo(f"There are more: go on with --after {last}, or raise --limit.", err=True)


@events.command()
@click.argument("event_id")
@format_option
@pass_app
def show(app: App, event_id: str, output: Format) -> None:
    """Show one event with all that the log holds of it, and all that was said of it since."""
    from kamengine.log.standing import Standings

    event = found(app, event_id)
    standing = Standings(app.log).of(event)
    row = event_row(event, standing)
    if standing.status == "corrected":
        row |= {"version_now": standing.version, "data_now": msgspec.Raw(standing.data.encode())}
    amendments = amendment_rows(standing)
    if output == "table":
        print_record(row, output)
        if amendments:
            print_rows(amendments, SAID, output)
    else:
        print_record(row | {"amendments": amendments}, output)


@events.command()
@click.argument("name", required=False)
@format_option
@pass_app
def types(app: App, name: str | None, output: Format) -> None:
    """List the event types, or the fields of the one called NAME."""
    if name is None:
        rows = [
            {
                "type": event_type.name,
                "family": event_type.family,
                "account": event_type.account,
                "manager": event_type.manager,
                "version": event_type.version,
                "doc": event_type.doc,
            }
            for event_type in sorted(
                app.registry.event_types.values(), key=lambda t: (t.family, t.name)
            )
        ]
        print_rows(rows, ("type", "family", "account", "manager", "version", "doc"), output)
        return
    event_type = app.registry.event_type(name)
    fields = [msgspec.structs.asdict(field) for field in describe(event_type)]
    if output == "table":
        click.echo(f"{event_type.name}, version {event_type.version}: {event_type.doc}")
    print_rows(fields, ("field", "type", "required", "default"), output)


@events.command()
@click.option(
    "--expect",
    metavar="POSITION:HASH",
    help="A head noted earlier: the log must still hold it. It shows that no end was cut off.",
)
@format_option
@pass_app
def verify(app: App, expect: str | None, output: Format) -> None:
    """Recompute the hash of every event and show where the log ends."""
    head = app.log.verify()
    if expect is not None:
        _check_expected(app, expect)
    record = {
        "position": head.position,
        "hash": head.hash.hex(),
        "recorded_at": format_instant(head.recorded_at) if head.position else None,
        "status": "ok",
    }
    print_record(record, output)


@events.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "cloudevents", "parquet"]),
    default="jsonl",
    show_default=True,
    help="JSON lines as `append` takes them, CloudEvents, or Parquet.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write; else stdout.",
)
@pass_app
def export(app: App, form: str, output: Path | None) -> None:
    """Write every event; JSON lines and CloudEvents can be appended to another log."""
    from kamengine.log import export as exporting

    if form == "parquet":
        if output is None:
            raise click.UsageError("Parquet needs a file: name one with -o.")
        with _replacing(output) as path:
            count = exporting.write_parquet(app.log.events(), path)
    else:
        write = exporting.json_lines if form == "jsonl" else exporting.cloud_event_lines
        with _opened(output) as out:
            count = exporting.write_lines(write(app.log.events()), out)
    click.echo(f"{count:,} events written.", err=True)


@events.command()
@format_option
@pass_app
@click.pass_context
def check(ctx: click.Context, app: App, output: Format) -> None:
    """Show the payload fields that the log keeps and no event type knows."""
    from kamengine.log.unknown_fields import find_unknown_fields

    found = find_unknown_fields(app.log.events(), app.registry)
    rows = [msgspec.structs.asdict(field) for field in found]
    print_rows(rows, ("type", "field", "events", "hint"), output)
    if found:
        ctx.exit(LOOK)


def _source(app: App, file: Path) -> Source:
    """Make sure that a file can be read before anything is appended."""
    if str(file) == "-":
        stamp = f"{app.clock():%Y%m%dT%H%M%S}"
        rejects = app.workspace.root / f"stdin-{stamp}.rejected.jsonl"
        return Source("standard input", lambda: nullcontext(sys.stdin.buffer), rejects, rejects)
    if file.is_dir():
        hint = "name the files in it"
        raise EventError("A folder holds no events itself", value=str(file), hint=hint)
    with file.open("rb"):
        beside = file.with_name(f"{file.name}.rejected.jsonl")
    spare = app.workspace.root / beside.name
    regular = file.is_file()
    return Source(str(file), lambda: file.open("rb"), beside if regular else spare, spare)


def _instant(app: App, option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_instant(text, app.zone)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} {error}.", param_hint=option) from error


def _check_expected(app: App, expect: str) -> None:
    position, _, digest = expect.partition(":")
    if not position.isdigit() or not digest:
        raise click.BadParameter(f"{expect!r} isn't POSITION:HASH.", param_hint="--expect")
    found = next(app.log.events(EventFilter(after=int(position) - 1)), None)
    if found is None or found.position != int(position) or found.hash.hex() != digest.lower():
        raise CorruptLogError(
            f"The log doesn't hold the head that was noted at position {position}",
            value=digest,
            where=str(app.log.path),
            hint="its end was cut off or it was written anew: restore it from a copy",
        )


@contextmanager
def _progress(files: tuple[Path, ...], output: Format) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal while files are read."""
    sizes = [file.stat().st_size for file in files if file.is_file()]
    if len(sizes) < len(files) or not sys.stderr.isatty() or output != "table":
        yield lambda _: None
        return
    with click.progressbar(length=sum(sizes), label="Appending", file=sys.stderr) as bar:
        yield bar.update


@contextmanager
def _opened(path: Path | None) -> Iterator[BinaryIO]:
    """Open a file that replaces another when it is complete, or stdout."""
    if path is None:
        yield sys.stdout.buffer
        return
    with _replacing(path) as unfinished, unfinished.open("wb") as out:
        yield out


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a file to write that takes the place of another when it is complete."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
