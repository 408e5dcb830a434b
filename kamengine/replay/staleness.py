"""What a replay has found to be other than before, as it goes from facts to values."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import msgspec

from kamengine.engine.session import MachineError
from kamengine.errors import KamengineError
from kamengine.replay.graph import Node
from kamengine.replay.state import Mark

Progress = Callable[[str, int, int], None]
"""Told of each stage, how far it is, and how far it goes (0: unknown)."""


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
    """

    def __init__(
        self,
        mark: Mark,
        parked: dict[str, str],
        limited: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._limited = limited
        self.mark = mark
        self.whole: set[str] = set()
        self.touched: set[str] = set()
        self.parked = dict(parked)

    def attempt(self, name: str, derive: Callable[[], None]) -> None:
        """Let what fails cost itself and what reads it, and nothing else.

        Raises:
            MachineError: It isn't the definition's fault.
        """
        try:
            with self._limited():
                derive()
        except MachineError:
            raise
        except KamengineError as error:
            self.parked[name] = str(error)

    def differs(self, node: Node) -> bool:
        """Tell whether a definition is another one than that of the table in the file."""
        return self.mark.fingerprints.get(f"{node.layer}:{node.name}") != node.fingerprint
