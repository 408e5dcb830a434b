"""Something wrong in a mapping, and where in its tree it stands."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

Path: TypeAlias = tuple[str | int, ...]
"""The way to it: ``("sources", 0, "events", 2, "data", "kind")``."""


class Finding(msgspec.Struct, frozen=True):
    """Something that can't be followed.

    Attributes:
        path: Where it stands.
        what: What is wrong, as a clause without a full stop.
        value: The offending value.
        hint: What to write instead.
    """

    path: Path
    what: str
    value: str | None = None
    hint: str | None = None
