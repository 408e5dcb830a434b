"""Text with columns in it: ``{opportunity_id}-won``."""

from __future__ import annotations

import re
from functools import lru_cache

from kamengine.errors import MappingError

_PIECE = re.compile(r"(?P<brace>\{\{|\}\})|\{(?P<column>[^{}]+)\}|(?P<text>[^{}]+)")


@lru_cache(maxsize=1024)
def pieces_of(template: str) -> tuple[tuple[str, bool], ...]:
    """Split a template into pieces, each with whether it is a column's name.

    A doubled brace stands for itself.

    Raises:
        MappingError: A brace is opened and not closed, or closed and not opened.

    >>> pieces_of("{opportunity_id}-won")
    (('opportunity_id', True), ('-won', False))
    """
    pieces: list[tuple[str, bool]] = []
    at = 0
    while at < len(template):
        match = _PIECE.match(template, at)
        if match is None:
            raise MappingError(
                "A brace of this template has no partner",
                value=template,
                hint="write a column as {column} and a brace that is meant as text twice",
            )
        if match["brace"]:
            pieces.append((match["brace"][0], False))
        else:
            pieces.append((match["column"] or match["text"], match["column"] is not None))
        at = match.end()
    return tuple(pieces)


def columns_of(template: str) -> tuple[str, ...]:
    """Return the columns that a template names, in their order."""
    return tuple(piece for piece, is_column in pieces_of(template) if is_column)
