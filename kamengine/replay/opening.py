"""Opening what a replay left to be read, whether one set of definitions made it or several."""

from __future__ import annotations

from collections.abc import Sequence

from kamengine.replay.era import Era
from kamengine.replay.era_reading import EraReader
from kamengine.replay.reading import Reader
from kamengine.workspace import Workspace


def open_reader(workspace: Workspace, eras: Sequence[Era]) -> Reader:
    """Return what reads a workspace whose values were made by the definitions of some eras.

    Args:
        workspace: The folder.
        eras: Oldest first; at least one.

    Raises:
        ReplayError: Nothing was replayed yet.
    """
    if len(eras) == 1:
        return Reader(workspace, eras[0].registry, eras[0].settings)
    return EraReader(workspace, eras)
