"""Where rejected lines go, so that nothing is lost: a file beside the input."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import BinaryIO

import msgspec

from kamengine.log.intake import Rejection


class RejectedLines:
    """A file of rejected lines, one JSON object each: line, reason, and the line itself.

    It tells of the latest append of its input only. It is made when the first line is rejected,
    and one of an earlier append is removed when none is.

    Args:
        path: The file.
        spare: Where it goes instead when the folder of ``path`` can't be written.
    """

    def __init__(self, path: Path, spare: Path) -> None:
        self.path = path
        self.count = 0
        self._spare = spare
        self._file: BinaryIO | None = None

    def add(self, rejection: Rejection) -> None:
        """Write one rejected line."""
        self._file = self._file or self._open()
        self._file.write(msgspec.json.encode(_record(rejection)) + b"\n")
        self.count += 1

    def close(self) -> None:
        """Finish the file."""
        if self._file:
            self._file.close()
        else:
            self.path.unlink(missing_ok=True)

    def _open(self) -> BinaryIO:
        try:
            return self.path.open("wb")
        except OSError:
            self.path = self._spare
            return self.path.open("wb")


def _record(rejection: Rejection) -> dict[str, object]:
    record: dict[str, object] = {"line": rejection.line, "reason": str(rejection.error)}
    try:
        return {**record, "raw": rejection.raw.decode()}
    except UnicodeDecodeError:
        return {**record, "raw_base64": base64.b64encode(rejection.raw).decode()}
