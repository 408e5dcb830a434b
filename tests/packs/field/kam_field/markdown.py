"""Tables for a wiki."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from kamengine import OutputFormat


def _write(rows: Iterable[Mapping[str, object]], columns: Sequence[str], out: TextIO) -> None:
    print(f"| {' | '.join(columns)} |", file=out)
    print(f"| {' | '.join('---' for _ in columns)} |", file=out)
    for row in rows:
        cells = ["" if row.get(column) is None else str(row.get(column)) for column in columns]
        print(f"| {' | '.join(cells)} |", file=out)


MARKDOWN = OutputFormat(name="markdown", doc="A table in Markdown.", write=_write)
