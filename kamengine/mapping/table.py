"""A CSV file as rows of named cells, each with the line it starts on."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import msgspec

from kamengine.errors import MappingError
from kamengine.mapping.declaration import Format
from kamengine.suggestions import suggest

if TYPE_CHECKING:
    from _csv import Reader

_UNDECODABLE = re.compile("[\udc80-\udcff]")
"""What `surrogateescape` leaves of bytes that the encoding doesn't know."""


class Row(msgspec.Struct, frozen=True):
    """A row as read.

    Attributes:
        line: The line of the file that it starts on, from 1.
        text: As it stands in the file, with its line's end.
        cells: By column; empty where the row can't be read.
        problem: Why it can't be read.
    """

    line: int
    text: str
    cells: dict[str, str] = {}
    problem: str | None = None


class _Lines:
    """The lines of a text, each remembered once it is read."""

    def __init__(self, text: TextIO) -> None:
        self.read: list[str] = []
        self._text = text

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self.read.append(line)
            yield line


def rows_of(path: Path, form: Format, needed: dict[str, str]) -> Iterator[Row]:
    """Yield the rows of a file. Lines without any text are passed over.

    Args:
        path: The file.
        form: How its text falls into cells.
        needed: The columns that it must have, each with the place that asks for it.

    Raises:
        MappingError: The file can't be read as a table at all, or lacks a column.
    """
    try:
        with path.open(encoding=_codec(form), errors="surrogateescape", newline="") as text:
            lines = _Lines(text)
            reader = csv.reader(
                lines,
                delimiter=form.delimiter,
                quotechar=form.quote,
                quoting=csv.QUOTE_NONE if form.quote is None else csv.QUOTE_MINIMAL,
                strict=True,
            )
            header = list(form.columns) or _header(reader, path)
            check_header(header, needed, path)
            yield from _rows(reader, lines, header)
    except OSError as error:
        raise MappingError(
            f"This file can't be read ({error.strerror})", value=str(path)
        ) from error
    except LookupError:
        raise MappingError("There is no encoding of that name", value=form.encoding) from None
    except UnicodeError as error:
        raise MappingError(
            f"This file isn't {form.encoding} text ({error})",
            where=str(path),
            hint="state its encoding under `format`",
        ) from error


def _codec(form: Format) -> str:
    return "utf-8-sig" if form.encoding.lower() in ("utf-8", "utf8") else form.encoding


def _header(reader: Reader, path: Path) -> list[str]:
    try:
        header = next(reader, None)
    except csv.Error as error:
        raise MappingError(f"The header can't be read: {error}", where=f"{path}:1") from error
    if header is None or not any(cell.strip() for cell in header):
        raise MappingError(
            "This file has no header",
            where=str(path),
            hint="if its first line is data, name the columns under `format: columns`",
        )
    return [cell.strip() for cell in header]


def check_header(header: list[str], needed: dict[str, str], path: Path) -> None:
    """Make sure that a file has the columns that it must have.

    Raises:
        MappingError: One is missing, or two have the same name.
    """
    # Spreadsheets leave nameless columns behind; they may repeat, names may not.
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise MappingError("Two columns have the same name", value=twice, where=f"{path}:1")
    for column, place in needed.items():
        if column not in header:
            raise MappingError(
                f"This file has no column {column!r}, which {place} asks for",
                where=f"{path}:1",
                hint=_nearest(column, header),
            )


def _nearest(column: str, header: list[str]) -> str:
    return suggest(column, header) or f"its columns are {', '.join(header)}"


def _rows(reader: Reader, lines: _Lines, header: list[str]) -> Iterator[Row]:
    while True:
        lines.read.clear()
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # The reader starts afresh on the next line; an open quote may have swallowed many.
            until = f", up to line {reader.line_num}" if reader.line_num > line else ""
            problem = f"This row can't be read{until} ({error})"
            yield Row(line, "".join(lines.read), problem=problem)
        else:
            if any(cell.strip() for cell in cells):
                yield named_row(line, "".join(lines.read), cells, header)


def named_row(line: int, text: str, cells: list[str], header: list[str]) -> Row:
    """Give the cells of a row their columns' names, or say why they can't have them."""
    if len(cells) != len(header):
        return Row(line, text, problem=f"It has {len(cells)} cells where {len(header)} have a name")
    named = dict(zip(header, cells, strict=True))
    broken = next((column for column, cell in named.items() if _UNDECODABLE.search(cell)), None)
    if broken is not None:
        problem = f"Column {broken} holds bytes that aren't text in this encoding"
        return Row(line, text, problem=problem)
    return Row(line, text, named)
