"""What of a state file is true amid a replay: what is done, and what nothing new concerns."""

from __future__ import annotations

from collections.abc import Sequence

from kamengine.periods import Window
from kamengine.replay.graph import Graph, Node
from kamengine.replay.staleness import Staleness
from kamengine.replay.state import Bounds


def bounds(windows: Sequence[Window]) -> Bounds:
    """Return windows as a mark holds them."""
    return {w.period: (w.t0, w.t1) for w in windows}


class Standing:
    """Tells which tables another replay may build on if this one breaks off now.

    Args:
        graph: The definitions.
        stale: What was found to be other than before.

    Attributes:
        done: Projections and KPIs that this replay has been through, by layer and name.
        refreshed: KPIs whose evidence was gathered anew for the windows that moved.
        windows: What evidence that stands was made for.
        moved: Whether any window is another one than evidence was made for before.
    """

    def __init__(self, graph: Graph, stale: Staleness) -> None:
        self.graph = graph
        self.stale = stale
        self.done: set[tuple[str, str]] = set()
        self.refreshed: set[str] = set()
        self.windows: Bounds = stale.mark.windows
        self.moved = False

    def turn_to(self, windows: Sequence[Window], *, moved: bool) -> None:
        """Take down for which windows evidence is gathered from here on.

        Args:
            windows: The windows.
            moved: Whether any is another one than evidence was made for so far.
        """
        self.windows, self.moved = bounds(windows), moved

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprints of what stands, by layer and name."""
        found = [n for n in self.graph.facts.values() if n.name not in self.stale.parked]
        pending: set[str] = set()
        for node in self.graph.projections.values():
            self._sort(node, found, pending)
        for node in self.graph.kpis.values():
            if node.text and not self._is_unrefreshed(node):
                self._sort(node, found, pending)
        return {f"{node.layer}:{node.name}": node.fingerprint for node in found}

    def _sort(self, node: Node, found: list[Node], pending: set[str]) -> None:
        """Put a node to those that stand, or to those that don't."""
        if node.name in self.stale.parked:
            return
        changed = self.stale.whole | self.stale.touched | pending
        if (node.layer, node.name) in self.done or not (
            self.stale.differs(node) or changed & node.inputs
        ):
            found.append(node)
        else:
            pending.add(node.name)

    def _is_unrefreshed(self, node: Node) -> bool:
        """Tell whether anchored evidence may be that of windows as they were."""
        return self.moved and node.anchored and node.name not in self.refreshed
