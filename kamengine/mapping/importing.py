"""Files of other systems as a supply of events for the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dict
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from kamengine.errors import EventError, MappingError
from kamengine.extensions import Importer
from kamengine.log.intake import Admission, Intake, Rejection
from kamengine.mapping.declaration import Mapping
from kamengine.mapping.outcome import NONE, Outcome, outcomes
from kamengine.mapping.row import encode
from kamengine.mapping.table import Row

ROWS = 2_000
"""Rows that are validated at a time."""


class Tally(msgspec.Struct):
    """What was read so far.

    Attributes:
        rows: Rows in all.
        skipped: Rows that the mapping skips, by its reason.
        events: Events made, by their type, whether the log takes them or not.
    """

    rows: int = 0
    skipped: Counter[str] = msgspec.field(default_factory=Counter)
    events: Counter[str] = msgspec.field(default_factory=Counter)


class MappedFile:
    """A table whose rows become events: a `kamengine.log.loading.Supply`.

    Args:
        file: The table.
        mapping: How its rows become events.
        zone: The organisation's time zone.
        importers: Readers of files that aren't CSV, by name.
        rejects: Where rejected rows go.
        spare: Where they go if that can't be written.

    Attributes:
        name: The file as the reader would open it.
        tally: What was read so far.
    """

    def __init__(
        self,
        file: Path,
        mapping: Mapping,
        zone: ZoneInfo,
        importers: Dict[str, Importer] = NONE,
        *,
        rejects: Path,
        spare: Path,
    ) -> None:
        self.name = str(file)
        self.rejects = rejects
        self.spare = spare
        self.tally = Tally()
        self._file = file
        self._mapping = mapping
        self._zone = zone
        self._importers = importers

    def check(self) -> None:
        """Make sure that the file can be read as the mapping says, as far as its header tells.

        Raises:
            MappingError: It can't.
        """
        next(self._outcomes(), None)

    def admissions(self, intake: Intake, limit: int = 0) -> Iterator[Admission]:  # noqa: ARG002 - cells are short
        """Yield what comes of the rows, some at a time; lines are those that rows start on.

        Args:
            intake: Validates events.
            limit: Without meaning here: the reader of tables has its own.

        Raises:
            MappingError: The file as a whole can't be read.
        """
        rows = self._outcomes()
        while chunk := list(islice(rows, ROWS)):
            self._count(chunk)
            yield _admit(chunk, intake)

    def _outcomes(self) -> Iterator[Outcome]:
        return outcomes(self._file, self._mapping, self._zone, self._importers)

    def _count(self, chunk: Sequence[Outcome]) -> None:
        self.tally.rows += len(chunk)
        self.tally.skipped.update(o.skipped for o in chunk if o.skipped is not None)
        self.tally.events.update(str(event["type"]) for o in chunk for event in o.events)


def _admit(chunk: Sequence[Outcome], intake: Intake) -> Admission:
    numbered = [(outcome.row.line, encode(event)) for outcome in chunk for event in outcome.events]
    admission = intake.admit(b"\n".join(text for _, text in numbered))
    line_of = [line for line, _ in numbered]
    rejections = [_rejection(o.row, o.error) for o in chunk if o.error is not None]
    rejections += [Rejection(line_of[r.line - 1], r.error, r.raw) for r in admission.rejections]
    return Admission(
        admission.events,
        [line_of[number - 1] for number in admission.lines],
        sorted(rejections, key=lambda rejection: rejection.line),
        amending=admission.amending,
    )


def _rejection(row: Row, error: MappingError) -> Rejection:
    reason = EventError(error.what, value=error.value, where=error.where, hint=error.hint)
    return Rejection(row.line, reason, row.text.encode("utf-8", "surrogateescape"))
