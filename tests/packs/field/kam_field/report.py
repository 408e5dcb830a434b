"""Reports with columns under rules of dashes, as the technicians' tool prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from kamengine import Importer, Table


def _read(path: Path) -> Table:
    lines = path.read_text("utf-8").splitlines()
    if len(lines) < 2 or not re.fullmatch(r"-+( +-+)*", lines[1]):
        raise ValueError("its second line has no dashes under the columns' names")
    spans = [match.span() for match in re.finditer("-+", lines[1])]

    def cells(line: str) -> Sequence[str]:
        return [line[start:end].strip() for start, end in spans]

    def rows() -> Iterator[tuple[int, Sequence[str]]]:
        for number, line in enumerate(lines[2:], 3):
            yield number, cells(line)

    return Table(columns=cells(lines[0]), rows=rows())


RULED_REPORT = Importer(
    name="ruled-report", doc="Text in columns, with dashes under their names.", read=_read
)
