"""A file that a pack's importer reads, as rows of named cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from kamengine.errors import MappingError
from kamengine.extensions import Importer, Table
from kamengine.mapping.table import Row, check_header, named_row


def rows_read(path: Path, importer: Importer, needed: dict[str, str]) -> Iterator[Row]:
    """Yield the rows of a file. Those without any text are passed over.

    Args:
        path: The file.
        importer: Reads it.
        needed: The columns that it must have, each with the place that asks for it.

    Raises:
        MappingError: The file can't be read as a table at all, or lacks a column; or the
            importer fails, whatever it raises.
    """
    reached = "before the first row"
    try:
        table = _opened(importer, path)
        header = [str(column) for column in table.columns]
        check_header(header, needed, path)
        for line, cells in table.rows:
            reached = f"after line {line}"
            row = _row(line, cells, header)
            if row.problem is not None or any(cell.strip() for cell in row.cells.values()):
                yield row
    except MappingError:
        raise
    except OSError as error:
        raise MappingError(
            f"This file can't be read ({error.strerror or error})", value=str(path)
        ) from error
    except Exception as error:
        what = f"{reached}: {type(error).__name__}: {error}"
        raise _refusal(importer, path, what) from error


def _opened(importer: Importer, path: Path) -> Table:
    table = importer.read(path)
    if not isinstance(table, Table):
        raise _refusal(importer, path, f"it returns a {type(table).__name__} and no Table")
    return table


def _row(line: int, cells: object, header: list[str]) -> Row:
    held = list(cells) if isinstance(cells, list | tuple) else None
    text = msgspec.json.encode(held, enc_hook=repr).decode()
    if held is None:
        return Row(line, text, problem=f"The importer gives no row of cells: {cells!r}")
    for column, cell in zip(header, held, strict=False):
        if not isinstance(cell, str):
            problem = f"Column {column} holds no text; the importer gives {cell!r}"
            return Row(line, text, problem=problem)
    return named_row(line, text, held, header)


def _refusal(importer: Importer, path: Path, why: str) -> MappingError:
    return MappingError(
        f"The importer {importer.name} failed ({why})",
        where=str(path),
        hint="its pack is at fault, or the file isn't of its kind",
    )
