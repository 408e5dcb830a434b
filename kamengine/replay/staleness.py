"""What a replay has found to be other than before, as it goes from facts to values."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import msgspec

from kamengine.engine.connection import MachineError
from kamengine.errors import KamengineError, ReplayError
from kamengine.replay.graph import Layer, Node
from kamengine.replay.state import Bounds, Mark

Progress = Callable[[str, int, int], None]
"""Told of each stage, how far it is, and how far it goes (0: unknown)."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay does with definitions that fail.

    Attributes:
        stops: Whether the first one ends it. Else it costs itself and what reads it.
        retries: Whether what failed before is tried again though nothing changed for it.
    """

    stops: bool = False
    retries: bool = False


PARKING = Policy()

KINDS: dict[Layer, str] = {"facts": "the events of", "projection": "projection", "kpi": "KPI"}


class StoppedError(ReplayError):
    """A definition failed in a replay that is to be whole or not at all."""


def stopped(what: str, error: str) -> StoppedError:
    """Return the error that ends a rebuild at a definition."""
    return StoppedError(
        f"The rebuild stopped at {what}, and values are as before ({error.rstrip('.')})",
        hint="mend it and run the same again, which goes on from here, or run `kamengine replay`,"
        " which parks it and goes on",
    )


class Effect(msgspec.Struct):
    """What changed in a KPI's evidence: all of it, or what falls into some periods.

    Attributes:
        whole: Whether all of it is other than before.
        periods: The periods into which a changed row falls.
        ripened: Those of them in which rows of accounts without new events came to count, or
            ceased to.
    """

    whole: bool = False
    periods: set[str] = set()
    ripened: set[str] = set()


class Staleness:
    """Relations that changed, each as a whole or for the stale accounts alone.

    Args:
        mark: What the state file was before.
        parked: Definitions that can't be derived, with the reason.
        limited: Stops what takes too long to derive.

    Attributes:
        mark: What the state file was before.
        whole: Relations that changed for all accounts.
        touched: Relations that changed for stale accounts, and for no other.
        parked: Definitions that can't be derived, with the reason.
        tried: Those that failed when they were tried, by layer and name (``kpi:nps``), with
            their fingerprints.
        policy: What is done with those that fail.
        shown: What the file that readers are shown was when it was made, for as long as nothing
            is found to be newer than that.
    """

    def __init__(
        self,
        mark: Mark,
        parked: dict[str, str],
        policy: Policy = PARKING,
        limited: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._limited = limited
        self.mark = mark
        self.whole: set[str] = set()
        self.touched: set[str] = set()
        self.parked = dict(parked)
        self.tried: dict[str, str] = {}
        self.policy = policy
        self.shown: Mark | None = None

    def look_back(self, *, position: int | None = None, windows: Bounds | None = None) -> None:
        """Forget what is shown if it was made of other events, or for other windows."""
        shown = self.shown
        if shown and (position or shown.position, windows or shown.windows) != (
            shown.position,
            shown.windows,
        ):
            self.shown = None

    def attempt(self, node: Node, derive: Callable[[], None]) -> None:
        """Derive what a definition says, within its limits; what fails is as in `heed`."""

        def limited() -> None:
            with self._limited():
                derive()

        self.heed(node, limited)

    def heed(self, node: Node, outcome: Callable[[], None]) -> None:
        """Let what fails cost itself and what reads it, and nothing else.

        Raises:
            MachineError: It isn't the definition's fault.
            StoppedError: It is, and the first one that fails is to end the replay.
        """
        try:
            outcome()
        except MachineError:
            raise
        except KamengineError as error:
            self.park(node, str(error))

    def park(self, node: Node, error: str) -> None:
        """Take down that a definition failed.

        Raises:
            StoppedError: The first one that fails is to end the replay.
        """
        if self.policy.stops:
            raise stopped(f"{KINDS[node.layer]} {node.name}", error)
        self.parked[node.name] = error
        self.tried[f"{node.layer}:{node.name}"] = node.fingerprint

    def stays_parked(self, node: Node, *, untouched: bool = True) -> bool:
        """Leave a definition parked if it is the one that failed before, on the same data.

        Args:
            node: The definition.
            untouched: Whether nothing changed in what it reads since the file's last replay.
        """
        if self.policy.retries:
            return False
        for mark in (self.mark if untouched else None, self.shown):
            if mark and mark.tried.get(f"{node.layer}:{node.name}") == node.fingerprint:
                self.park(node, mark.parked[node.name])
                return True
        return False

    def is_whole(self, node: Node) -> bool:
        """Tell whether a definition, or all of something that it reads, is other than before."""
        return self.differs(node) or not self.whole.isdisjoint(node.inputs)

    def differs(self, node: Node) -> bool:
        """Tell whether a definition is another one than that of the table in the file."""
        return self.mark.fingerprints.get(f"{node.layer}:{node.name}") != node.fingerprint
