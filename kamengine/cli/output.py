"""Printing data: a table for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import datetime as dt
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar, cast

import click
import msgspec

from kamengine.errors import KamengineError, PluginError
from kamengine.extensions import OutputFormat

Format: TypeAlias = Literal["table", "json", "csv"] | OutputFormat
"""A form of output: one of our own, or one that a pack brings."""

FORMATS = ("table", "json", "csv")
"""The forms of our own."""

PAGE = "html"
"""One more, of scorecards alone."""

Row: TypeAlias = Mapping[str, object]
Command = TypeVar("Command", bound=Callable[..., Any])

UNBOUNDED = 100_000
"""Columns of a table that goes to a file or a pipe: nothing there needs to be cut."""


class FormatChoice(click.ParamType[Format]):
    """The forms of output; packs are looked at only where none of our own is asked for.

    Args:
        own: The names of our own.
    """

    name = "format"

    def __init__(self, own: Sequence[str] = FORMATS) -> None:
        self._own = own

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        """Return what stands behind the option in its help."""
        return f"[{'|'.join(self._own)}|NAME]"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Format:
        """Return the form of a name."""
        if value in self._own or isinstance(value, OutputFormat):
            return cast("Format", value)
        from kamengine.cli.context import App

        app = ctx.find_object(App) if ctx else None
        others = (app or App()).registry.output_formats
        if value not in others:
            known = ", ".join(repr(name) for name in (*self._own, *sorted(others)))
            self.fail(f"{value!r} is not one of {known}.", param, ctx)
        return others[str(value)]


def format_option(command: Command) -> Command:
    """Give a command the option ``--format``, passed to it as ``output``."""
    return click.option(
        "--format",
        "output",
        type=FormatChoice(),
        default="table",
        show_default=True,
        help="A table for people, JSON or CSV for programs; or what a pack offers.",
    )(command)


def print_rows(rows: Iterable[Row], columns: Sequence[str], output: Format) -> None:
    """Print rows to stdout.

    Args:
        rows: Each maps columns to values; what it has beside them is in JSON only.
        columns: The columns of the table and the CSV, in their order.
        output: JSON is an array of objects, a row a line, decimals with all their digits.

    Raises:
        PluginError: A pack's form of output fails.
    """
    if isinstance(output, OutputFormat):
        _print_otherwise(rows, columns, output)
    elif output == "json":
        _print_json(rows)
    elif output == "csv":
        _print_csv(rows, columns)
    else:
        _print_table(rows, columns)


def print_record(record: Row, output: Format) -> None:
    """Print one thing: as a table and as CSV a line a field, as JSON an object."""
    if output == "json":
        click.echo(_encode(record))
    else:
        fields = [{"field": name, "value": value} for name, value in record.items()]
        print_rows(fields, ("field", "value"), output)


def print_json(document: object) -> None:
    """Print JSON: decimals with all their digits, nothing else on stdout."""
    click.echo(msgspec.json.format(_ENCODER.encode(document), indent=2).decode())


def print_document(document: msgspec.Struct, output: Format) -> None:
    """Print what holds together: JSON with its parts inside, else a line a field."""
    if output == "json":
        print_json(document)
    else:
        print_record(msgspec.structs.asdict(document), output)


def note(sentence: str) -> None:
    """Say something beside the output, on stderr."""
    click.echo(sentence, err=True)


def printable(value: object) -> str:
    """Write a value on one line, with nothing in it that a terminal would act upon."""
    text = _plain(value)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _print_otherwise(rows: Iterable[Row], columns: Sequence[str], form: OutputFormat) -> None:
    try:
        form.write(rows, columns, sys.stdout)
    except (KamengineError, OSError, click.ClickException):
        raise
    except Exception as error:
        raise PluginError(
            f"The output format {form.name} failed ({type(error).__name__}: {error})",
            hint="its pack is at fault; `--format json` has the same data",
        ) from error


def _print_json(rows: Iterable[Row]) -> None:
    start = "[\n"
    for row in rows:
        click.echo(f"{start}{_encode(row)}", nl=False)
        start = ",\n"
    click.echo("[]" if start == "[\n" else "\n]")


def _print_csv(rows: Iterable[Row], columns: Sequence[str]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_plain(row.get(column)) for column in columns] for row in rows)


def _print_table(rows: Iterable[Row], columns: Sequence[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    kept = list(rows)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        numeric = all(row.get(column) is None or _is_number(row.get(column)) for row in kept)
        table.add_column(column.replace("_", " "), justify="right" if numeric else "left")
    for row in kept:
        table.add_row(*(Text(printable(row.get(column))) for column in columns))
    measured = sys.stdout.isatty() or "COLUMNS" in os.environ
    Console(width=None if measured else UNBOUNDED, highlight=False).print(table)


def _encode(row: Row) -> str:
    return _ENCODER.encode(row).decode()


def _plain(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case dict() | list() | tuple() | msgspec.Raw():
            return _ENCODER.encode(value).decode()
        case dt.datetime():
            return value.isoformat().replace("+00:00", "Z")
        case _:
            return str(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _other(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=_other)
