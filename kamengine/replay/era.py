"""What holds for periods that begin on or after a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol, TypeVar

import msgspec

from kamengine.plugins import Registry
from kamengine.settings import Settings


class Era(msgspec.Struct, frozen=True):
    """The definitions of some periods.

    Attributes:
        since: The day on or after which these periods begin; None for all.
        registry: The definitions; its event types are those of all eras.
        settings: What the organisation decided; its calendar is that of all eras.
    """

    since: dt.date | None
    registry: Registry
    settings: Settings


class Dated(Protocol):
    """Whatever holds for periods that begin on or after a day."""

    @property
    def since(self) -> dt.date | None:
        """The day; None for all periods."""


Spell = TypeVar("Spell", bound=Dated)


def holding(spells: Sequence[Spell], day: dt.date) -> Spell:
    """Return what holds for periods that begin on a day, of what is given oldest first."""
    later = (s for s in reversed(spells) if s.since is None or s.since <= day)
    return next(later, spells[0])
