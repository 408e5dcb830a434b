"""What comes of a replay: what it did, or would do."""

from __future__ import annotations

import msgspec

from kamengine.errors import ReplayError
from kamengine.replay.book import Head
from kamengine.replay.revaluation import Revaluation
from kamengine.workspace import Workspace


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
        gone: The condition that picks, of each KPI that has them, the values that would be gone.
        head: What the values in the book rest on.
    """

    revaluation: Revaluation
    stale: tuple[str, ...]
    parked: dict[str, str]
    gone: dict[str, str]
    head: Head


def nothing_yet(workspace: Workspace, so: str) -> ReplayError:
    """Return the error for what takes a replay before it."""
    return ReplayError(
        f"Nothing was replayed yet, so {so}",
        where=str(workspace.root),
        hint="run `kamengine replay` first",
    )
