"""Printing: the same rows as a table for people, as JSON for programs, as CSV for spreadsheets."""

from __future__ import annotations

import csv
import datetime as dt
import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, TypeAlias, TypeVar

import click
import msgspec

Format: TypeAlias = Literal["table", "json", "csv"]
Row: TypeAlias = Mapping[str, object]
Command = TypeVar("Command", bound=Callable[..., Any])

LARGE = 100
"""From here on, one digit after the point is enough for people."""

WIDTH_OF_A_PIPE = 200
"""Columns of a table that isn't printed on a terminal."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def formatted(command: Command) -> Command:
    """Give a command ``--format``; it arrives as ``form``."""
    option = click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json", "csv"]),
        default="table",
        show_default=True,
        help="A table to read, JSON or CSV to work with.",
    )
    return option(command)


def print_rows(
    rows: Sequence[Row],
    form: Format,
    *,
    columns: Sequence[str] | None = None,
    title: str | None = None,
    empty: str = "Nothing to show.",
) -> None:
    """Print rows.

    Args:
        rows: Each with the same keys.
        form: How.
        columns: Which to show in a table, in this order; JSON and CSV always have all.
        title: Above the table.
        empty: What to say instead of an empty table.
    """
    if form == "json":
        print_json(rows)
    elif form == "csv":
        _print_csv(rows)
    elif rows:
        _print_table(rows, list(columns or rows[0]), title)
    else:
        click.echo(empty, err=True)


def print_json(document: object) -> None:
    """Print JSON: exact decimals as numbers, nothing else on stdout."""
    sys.stdout.write(msgspec.json.format(_ENCODER.encode(document), indent=2).decode() + "\n")


def note(sentence: str) -> None:
    """Say something beside the output, on stderr."""
    click.echo(sentence, err=True)


def shown(value: object, unit: str = "") -> str:
    """Write a value as people do: 7 % for a ratio of 0.07, thousands apart, few digits."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        percent = unit.startswith("%")
        number = Decimal(str(value)) * (100 if percent else 1)
        places = 0 if number == int(number) else (1 if abs(number) >= LARGE else 2)
        return f"{number:,.{places}f}" + (" %" if percent else "")
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def _print_csv(rows: Sequence[Row]) -> None:
    if not rows:
        return
    writer = csv.DictWriter(sys.stdout, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _cell(value) for key, value in row.items()})


def _cell(value: object) -> object:
    if isinstance(value, list | tuple | dict):
        return _ENCODER.encode(value).decode()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value


def _print_table(rows: Sequence[Row], columns: Sequence[str], title: str | None) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        numeric = all(isinstance(r[column], int | float | Decimal | None) for r in rows)
        table.add_column(column.replace("_", " "), justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(Text(shown(row[column])) for column in columns))
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH_OF_A_PIPE)
    console.print(table)
