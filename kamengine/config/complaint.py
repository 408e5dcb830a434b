"""A complaint about config: what is wrong, in which line, and what was probably meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from kamengine.errors import ConfigError

Severity: TypeAlias = Literal["error", "warning"]


class Place(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where something is written.

    Attributes:
        file: As the reader would open it from where they stand.
        line: From 1.
        column: From 1.
        text: What is written there, where it is a single word or number.
    """

    file: str
    line: int
    column: int = 1
    text: str | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a value, before it is known where the value stands.

    Attributes:
        what: As a clause without a full stop.
        hint: What to write instead.
        severity: A warning leaves the value in force.
    """

    what: str
    hint: str | None = None
    severity: Severity = "error"


Check: TypeAlias = Callable[[str], Problem | None]
"""Looks at what was written and says what is wrong with it, if anything is."""


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """A problem with its place: one sentence with file, line, offending value and suggestion."""

    file: str
    line: int
    column: int
    what: str
    value: str | None = None
    hint: str | None = None
    severity: Severity = "error"

    @property
    def error(self) -> ConfigError:
        """The complaint as an exception."""
        where = f"{self.file}:{self.line}"
        return ConfigError(self.what, value=self.value, where=where, hint=self.hint)

    def __str__(self) -> str:
        return str(self.error)


def complain(place: Place, problem: Problem, value: str | None = None) -> Complaint:
    """Put a problem in its place."""
    return Complaint(
        file=place.file,
        line=place.line,
        column=place.column,
        what=problem.what,
        value=value,
        hint=problem.hint,
        severity=problem.severity,
    )
