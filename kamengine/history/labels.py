"""What values with a label were made by."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kamengine.errors import UnknownNameError
from kamengine.history import ledger
from kamengine.history.definitions import Definitions
from kamengine.history.ledger import InForce
from kamengine.log.contract import EventLog
from kamengine.replay.era import Era

Run = Callable[[Sequence[InForce]], Definitions]
"""Says what the log's records of what was in force are as the engine runs them."""


def labelled(log: EventLog, label: str, run: Run) -> tuple[str, Era]:
    """Return what was in force when values came to carry a label, and a name for that.

    Args:
        log: The log.
        label: As values carry it: ``nps@1#5f0c12ab``.
        run: Makes definitions of records.

    Raises:
        UnknownNameError: No values ever carried it.
    """
    try:
        state = ledger.labelled(log, label)
    except UnknownNameError:
        if (found := _of_earlier_periods(log, label, run)) is None:
            raise
        return found
    return state.apply, run([state]).eras[0]


def _of_earlier_periods(log: EventLog, label: str, run: Run) -> tuple[str, Era] | None:
    """Find a label that only values of earlier periods carried.

    What holds for all periods (the calendar, types of events) makes their definitions other ones
    too, and so does a change from a day before theirs. No record names these labels.
    """
    from kamengine.replay import graph as graphs  # noqa: PLC0415 - it needs a parser

    kpi = label.partition("@")[0]
    for apply in reversed(ledger.appliances(log)):
        for number, era in enumerate(run(ledger.eras(log, apply.position)).eras[:-1]):
            known = era.registry.measured.get(kpi)
            graph = graphs.build(era.registry, era.settings) if known else None
            if known and graph and graph.definition(known) == label:
                return f"{apply.id}/{number}", era
    return None
