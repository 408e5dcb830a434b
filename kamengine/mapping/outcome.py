"""What becomes of each row of a file."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Dict
from fnmatch import fnmatchcase
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from kamengine.errors import MappingError
from kamengine.extensions import Importer
from kamengine.mapping.declaration import Mapping, Source, columns_asked
from kamengine.mapping.foreign import rows_read
from kamengine.mapping.row import Event, Rendering
from kamengine.mapping.table import Row, rows_of

NONE: Dict[str, Importer] = {}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A row, and either its events, or why it was skipped, or why it was rejected.

    Attributes:
        row: The row.
        events: What it becomes, in the form that the log takes.
        skipped: The reason that the mapping gives.
        error: What is wrong with the row.
    """

    row: Row
    events: tuple[Event, ...] = ()
    skipped: str | None = None
    error: MappingError | None = None


def source_for(file: Path, mapping: Mapping) -> Source:
    """Return the one source of a mapping that a file belongs to.

    Raises:
        MappingError: No source's pattern fits the file's name, or more than one does.
    """
    fitting = [s for s in mapping.sources if any(fnmatchcase(file.name, p) for p in s.patterns)]
    if len(fitting) == 1:
        return fitting[0]
    patterns = [p for s in fitting or mapping.sources for p in s.patterns]
    what = (
        "More than one source of the mapping fits" if fitting else "No source of the mapping fits"
    )
    raise MappingError(
        f"{what} this file's name", value=file.name, hint=f"the patterns are {', '.join(patterns)}"
    )


def outcomes(
    file: Path, mapping: Mapping, zone: ZoneInfo, importers: Dict[str, Importer] = NONE
) -> Iterator[Outcome]:
    """Yield what becomes of each row of a file.

    Args:
        file: A file that one of the mapping's sources fits.
        mapping: How rows become events.
        zone: The organisation's time zone.
        importers: Readers of files that aren't CSV, by name.

    Raises:
        MappingError: The file as a whole can't be read.
    """
    source = source_for(file, mapping)
    rendering = Rendering(mapping, source, zone)
    for row in _rows(file, source, importers):
        yield _outcome(row, rendering)


def _rows(file: Path, source: Source, importers: Dict[str, Importer]) -> Iterator[Row]:
    needed = columns_asked(source)
    if source.reader is None:
        return rows_of(file, source.format, needed)
    return rows_read(file, importers[source.reader], needed)


def _outcome(row: Row, rendering: Rendering) -> Outcome:
    if row.problem is not None:
        return Outcome(row=row, error=MappingError(row.problem))
    reason = rendering.reason_to_skip(row.cells)
    if reason is not None:
        return Outcome(row=row, skipped=reason)
    try:
        return Outcome(row=row, events=tuple(rendering.events(row.cells)))
    except MappingError as error:
        return Outcome(row=row, error=error)
