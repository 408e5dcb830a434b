"""What comes of a replay: what it did, or would do."""

from __future__ import annotations

import msgspec

from kamengine.replay.book import Head
from kamengine.replay.revaluation import Revaluation


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay did.

    Attributes:
        events: How many events were new to it.
        position: The last event it knows of.
        recomputed: KPIs whose values were computed anew, at least in part.
        parked: KPI or projection to the error that keeps it out.
        seconds: How long it took.
        full: Whether everything was made from nothing.
        accounts: The accounts that were made anew because somebody wished it.
    """

    events: int
    position: int
    recomputed: tuple[str, ...]
    parked: dict[str, str]
    seconds: float
    full: bool
    accounts: tuple[str, ...] = ()


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay would hand over, before it is handed over.

    Attributes:
        revaluation: Computes the values that would be other ones.
        stale: KPIs whose values may be.
        parked: KPI or projection to the error that would keep it out.
        gone: KPIs that have values and wouldn't have any more.
        head: What the values in the book rest on.
    """

    revaluation: Revaluation
    stale: tuple[str, ...]
    parked: dict[str, str]
    gone: tuple[str, ...]
    head: Head
