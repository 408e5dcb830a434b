"""Amendments on their way into the log: each is held against the event that it speaks of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias

import msgspec

from kamengine.errors import EventError
from kamengine.log.contract import Head, NewEvent, Receipt, Refusal, StoredEvent, Transaction
from kamengine.log.intake import Intake
from kamengine.vocabulary import (
    AMENDING,
    EVENT_CORRECTED,
    OWN,
    EventCorrected,
    EventRetracted,
)

Amendment: TypeAlias = EventCorrected | EventRetracted

_correction = msgspec.json.Decoder(EventCorrected).decode
_retraction = msgspec.json.Decoder(EventRetracted).decode


def amendment_in(type_name: str, data: str) -> Amendment:
    """Return what an event of a type in `AMENDING` says in its payload."""
    return _correction(data) if type_name == EVENT_CORRECTED.name else _retraction(data)


class Amender:
    """Appends batches in which some events amend others.

    An amendment comes in behind what it amends: that may be in the log, or ahead of it in the
    same batch. Account and manager are filled in from there.

    Args:
        intake: Says what a payload must be.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def append(self, transaction: Transaction, batch: Sequence[NewEvent]) -> Receipt:
        """Take a batch as `Transaction.append` does, and refuse amendments that don't fit."""
        amendments = {i: amendment_in(e[1], e[8]) for i, e in enumerate(batch) if e[1] in AMENDING}
        taking = _Taking(transaction, {a.target_id for a in amendments.values()})
        for index, event in enumerate(batch):
            if amendment := amendments.get(index):
                target = taking.target(amendment.target_id)
                try:
                    taking.take(index, self._fitted(event, amendment, target))
                except EventError as error:
                    taking.refusals.append(Refusal(index, error))
            else:
                taking.take(index, event)
        return taking.receipt()

    def _fitted(
        self, event: NewEvent, amendment: Amendment, target: StoredEvent | None
    ) -> NewEvent:
        """Return an amendment as the log takes it.

        Raises:
            EventError: It doesn't fit its target, or there is none.
        """
        id_, type_, version, account, manager, *rest = event
        if target is None:
            raise EventError(
                "The log has no event of the id that target_id names",
                value=amendment.target_id,
                hint="an amendment comes in behind the event that it amends",
            )
        for field, given, held in (
            ("account_id", account, target.account_id),
            ("manager_id", manager, target.manager_id),
        ):
            if given not in (None, held):
                raise EventError(
                    f"{field} isn't that of the event {target.id!r}, {held!r}",
                    value=given,
                    hint="leave it out: it is filled in",
                )
        if target.type in OWN and target.type not in AMENDING:
            raise EventError(
                f"{target.type} was recorded by the engine and can't be amended", value=target.id
            )
        if isinstance(amendment, EventCorrected):
            self._check_correction(amendment, target)
        account, manager = target.account_id, target.manager_id
        return (id_, type_, version, account, manager, *rest)  # type: ignore[return-value]

    def _check_correction(self, correction: EventCorrected, target: StoredEvent) -> None:
        if target.type in AMENDING:
            corrected = amendment_in(target.type, target.data).target_id
            hint = f"append another correction of {corrected!r}, or retract this one"
            raise EventError("A correction can't correct another", value=target.id, hint=hint)
        version = correction.version or target.version
        try:
            self._intake.check_payload(target.type, version, correction.data)
        except EventError as error:
            error.where = f"as payload of {target.id!r}, a {target.type}"
            raise


class _Taking:
    """A batch on its way in, piece by piece.

    Args:
        transaction: Where to.
        wanted: The ids of what is amended, by whatever of the batch.
    """

    def __init__(self, transaction: Transaction, wanted: set[str]) -> None:
        self.refusals: list[Refusal] = []
        self._wanted = wanted
        self._targets = transaction.find(wanted)
        self._transaction = transaction
        self._appended = self._duplicates = 0
        self._indexes: list[int] = []
        self._events: list[NewEvent] = []
        self._ids: set[str] = set()

    def target(self, event_id: str) -> StoredEvent | None:
        """Return what the log has under an id; only now is it decided whether it takes it."""
        if event_id in self._ids:
            self._flush()
        return self._targets.get(event_id)

    def take(self, index: int, event: NewEvent) -> None:
        """Let an event wait until more have come."""
        self._indexes.append(index)
        self._events.append(event)
        self._ids.add(event[0])

    def _flush(self) -> Head:
        receipt = self._transaction.append(self._events)
        self._appended += receipt.appended
        self._duplicates += receipt.duplicates
        self.refusals += [Refusal(self._indexes[r.index], r.error) for r in receipt.refusals]
        self._targets |= self._transaction.find(self._wanted & self._ids)
        self._indexes, self._events, self._ids = [], [], set()
        return receipt.head

    def receipt(self) -> Receipt:
        """Append what still waits, and tell what became of the whole batch."""
        head = self._flush()
        refusals = tuple(sorted(self.refusals, key=lambda refusal: refusal.index))
        return Receipt(self._appended, self._duplicates, refusals, head)


def voided(retractions: Collection[tuple[int, int]]) -> set[int]:
    """Return the positions of the amendments that are as if they had never been.

    Args:
        retractions: Of amendments: the position of each and of what it retracts.
    """
    void: set[int] = set()
    # whatever retracts a retraction stands behind it in the log
    for position, target in sorted(retractions, reverse=True):
        if position not in void:
            void.add(target)
    return void
