"""What is wrong with a piece of SQL, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from sqlglot import exp


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a piece of SQL.

    Attributes:
        what: What it is and does, as a clause.
        mend: What to write instead.
        repeatable: Whether a replay gives the same all the same. What isn't is refused of every
            definition, also of one that runs on DuckDB alone.
    """

    what: str
    mend: str
    repeatable: bool = True


class Finding(msgspec.Struct, frozen=True):
    """A fault and its place.

    Attributes:
        line: Where it begins in the definition's SQL, from 1.
        column: Likewise.
        word: The function or construct.
        fault: What is wrong with it.
    """

    line: int
    column: int
    word: str
    fault: Fault


Rule: TypeAlias = Callable[[exp.Expr], Fault | None]
"""Says what is wrong with a node, or nothing."""
