"""What a look at a pack brings to light, and the badge that it comes to."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Badge: TypeAlias = Literal["none", "bronze", "silver", "gold"]
BADGES: tuple[Badge, ...] = ("none", "bronze", "silver", "gold")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must hold of a pack.

    Attributes:
        name: What findings call it.
        badge: The badge that isn't to be had without it.
        holds: What must hold, as a sentence.
    """

    name: str
    badge: Badge
    holds: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A fault of a pack, or something that it lacks.

    Attributes:
        check: The check that found it.
        kind: ``fault`` where something is wrong; ``missing`` where something would have to be
            there for the check to be made; ``warning`` where something will be wrong one day, and
            costs no badge until then.
        of: The definition, or the module.
        what: What is wrong, as a clause.
        mend: What to do about it.
        file: The file, from the pack's own folder; None where it isn't known.
        line: The line in that file, or in the definition's SQL where the file isn't known.
        column: Likewise.
    """

    check: str
    of: str
    what: str
    mend: str
    kind: Literal["fault", "missing", "warning"] = "fault"
    file: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def where(self) -> str:
        """Where to look: a file with line and column, else the definition's own line."""
        place = f"{self.line}:{self.column}" if self.column else f"{self.line}"
        if self.file is not None:
            return f"{self.file}:{place}" if self.line else self.file
        return f"{self.of}, SQL {place}" if self.line else self.of


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of looking a pack over.

    Attributes:
        pack: Its name.
        version: That of its distribution.
        badge: What it has earned.
        next: The badge after that; None where it has the highest.
        findings: What is wrong, and what is missing, in the order of the checks.
        events: How many events its numbers were tried on.
    """

    pack: str
    version: str
    badge: Badge
    next: Badge | None
    findings: tuple[Finding, ...]
    events: int = 0

    @property
    def faults(self) -> tuple[Finding, ...]:
        """What is wrong."""
        return tuple(finding for finding in self.findings if finding.kind == "fault")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What will be wrong one day."""
        return tuple(finding for finding in self.findings if finding.kind == "warning")


def earned(findings: tuple[Finding, ...], checks: tuple[Check, ...]) -> tuple[Badge, Badge | None]:
    """Return the badge that findings leave, and the one after it."""
    found = {finding.check for finding in findings if finding.kind != "warning"}
    lost = [BADGES.index(check.badge) for check in checks if check.name in found]
    level = min(lost, default=len(BADGES)) - 1
    return BADGES[level], BADGES[level + 1] if level + 1 < len(BADGES) else None
