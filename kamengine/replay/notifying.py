"""Telling packs' notifiers what a replay did, whatever they make of it."""

from __future__ import annotations

import threading

from kamengine.extensions import Notice, Notifier
from kamengine.plugins import Registry
from kamengine.replay.book import Book
from kamengine.replay.outcome import Replayed
from kamengine.workspace import Workspace

PATIENCE = 10.0
"""Seconds that a notifier is waited for. It may go on beside the next replay, or end with us."""


class Notifying:
    """The notifiers of a workspace's packs, told of one replay after another.

    Args:
        workspace: The folder.
        registry: The notifiers.
        patience: Seconds that each is waited for.
    """

    def __init__(
        self, workspace: Workspace, registry: Registry, patience: float = PATIENCE
    ) -> None:
        self._workspace = workspace
        self._notifiers = [notifier for _, notifier in sorted(registry.notifiers.items())]
        self._patience = patience
        self._parked = self._problems() if self._notifiers else set()

    def tell(self, done: Replayed) -> list[str]:
        """Tell every notifier; return a sentence for each that failed.

        Args:
            done: What the replay did, handed over already.
        """
        if not self._notifiers:
            return []
        parked = self._problems()
        notice = Notice(
            workspace=self._workspace.root,
            position=done.position,
            events=done.events,
            recomputed=done.recomputed,
            parked=done.parked,
            newly_parked=tuple(sorted(parked - self._parked)),
            recovered=tuple(sorted((self._parked - parked) & set(done.recomputed))),
        )
        self._parked = parked
        told = [_told(notifier, notice, self._patience) for notifier in self._notifiers]
        return [sentence for sentence in told if sentence is not None]

    def _problems(self) -> set[str]:
        book = Book(self._workspace.values_path)
        if book.head() is None:
            return set()
        return {kpi for kpi, known in book.definitions().items() if known.problem}


def _told(notifier: Notifier, notice: Notice, patience: float) -> str | None:
    """Tell one notifier; return what there is to say of it."""
    failed: list[str] = []

    def tell() -> None:
        try:
            notifier.notify(notice)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the replay stands, whatever it raises
            failed.append(f"The notifier {notifier.name} failed ({type(error).__name__}: {error}).")

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    teller.join(patience)
    if teller.is_alive():
        return f"The notifier {notifier.name} isn't done after {patience:g} s; nobody waits for it."
    return failed[0] if failed else None
