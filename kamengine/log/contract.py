"""The contract of an event log: any store that keeps it can stand under the engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TypeAlias

import msgspec

from kamengine.errors import EventError

NewEvent: TypeAlias = tuple[str, str, int, str | None, str | None, int, int | None, str | None, str]
"""A validated event on its way in: id, type, version, account_id, manager_id, occurred_at,
recorded_at (None: the log sets it), source, data (JSON text). Times are microseconds since 1970,
UTC. A plain tuple, because millions of them pass and each layer of objects would halve the pace."""


class StoredEvent(msgspec.Struct, frozen=True, gc=False):
    """An event as the log keeps it; the attributes are the columns.

    Attributes:
        position: Its place in the log: 1, 2, 3, with no gap.
        id: The producer's own name for it.
        type: The name of its event type.
        version: The version of the type that ``data`` follows.
        account_id: The account that it belongs to, if any.
        manager_id: The manager that it belongs to, if any.
        occurred_at: When it happened: microseconds since 1970, UTC.
        recorded_at: When it became known, likewise; it never decreases along the log.
        source: The system that it came from.
        data: The payload, JSON as given.
        hash: SHA-256 over the hash before it and this row.
    """

    position: int
    id: str
    type: str
    version: int
    account_id: str | None
    manager_id: str | None
    occurred_at: int
    recorded_at: int
    source: str | None
    data: str
    hash: bytes


class Head(msgspec.Struct, frozen=True):
    """Where a log ends; an empty one ends at position 0 with a hash of zeros.

    Attributes:
        position: Of the last event.
        hash: Of the last event: it vouches for everything before it.
        recorded_at: Of the last event: microseconds since 1970, UTC.
    """

    position: int = 0
    hash: bytes = bytes(32)
    recorded_at: int = 0


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events to read; what is None doesn't narrow.

    Attributes:
        type: Of this event type.
        account_id: Of this account.
        manager_id: Of this manager.
        source: From this system.
        since: That occurred at this instant or later (microseconds since 1970, UTC).
        until: That occurred before this instant.
        after: Behind this position.
    """

    type: str | None = None
    account_id: str | None = None
    manager_id: str | None = None
    source: str | None = None
    since: int | None = None
    until: int | None = None
    after: int = 0


class Refusal(msgspec.Struct, frozen=True):
    """An event of a batch that the log didn't take.

    Attributes:
        index: Its place in the batch, from 0.
        error: Why.
    """

    index: int
    error: EventError


class Receipt(msgspec.Struct, frozen=True):
    """What became of a batch.

    Attributes:
        appended: How many events are new.
        duplicates: How many were there already, with the same content.
        refusals: The others.
        head: Where the log ends now.
    """

    appended: int
    duplicates: int
    refusals: tuple[Refusal, ...]
    head: Head


class Transaction(ABC):
    """Appends that come in together or not at all."""

    @abstractmethod
    def append(self, batch: Sequence[NewEvent]) -> Receipt:
        """Take a batch, event by event in its order.

        An event whose id the log has is a duplicate where everything that its producer gave is
        the same (``data`` compared as JSON, ``recorded_at`` left out of it, since it says when
        the event became known and not what happened). With other content it is refused with a
        `ConflictingEventError`. A given ``recorded_at`` before that of the event ahead of it
        is refused too. Refused events hinder no other.

        Raises:
            LogError: The log can't be written.
        """

    @abstractmethod
    def find(self, ids: Collection[str]) -> dict[str, StoredEvent]:
        """Return the events of some ids, what this transaction appended included.

        Raises:
            LogError: The log can't be read.
        """

    @abstractmethod
    def commit(self) -> None:
        """Keep for good what was appended so far; the next append starts anew.

        Between the two, other processes may append.

        Raises:
            LogError: The log can't be written; what was appended since the last commit is undone.
        """

    @abstractmethod
    def rollback(self) -> None:
        """Undo what was appended since the last commit."""


class EventLog(ABC):
    """An append-only, hash-chained sequence of events.

    Whatever was answered with a `Receipt` (or with the end of a transaction) outlives a crash.
    Any number of processes may read and append at once.
    """

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Transaction]:
        """Open a transaction: kept when the block ends, undone when it ends in an exception.

        Raises:
            LogError: The log can't be written.
        """

    @abstractmethod
    def head(self, upto: int | None = None) -> Head:
        """Return where the log ends, or where it ended when it was shorter.

        Args:
            upto: The last position that counts; None for all.

        Raises:
            LogError: The log can't be read.
        """

    @abstractmethod
    def get(self, event_id: str) -> StoredEvent | None:
        """Return the event of an id, or None where there is none.

        Raises:
            LogError: The log can't be read.
        """

    @abstractmethod
    def events(self, where: EventFilter | None = None) -> Iterator[StoredEvent]:
        """Yield events in the order of their positions, up to where the log ended at the call.

        Raises:
            LogError: The log can't be read.
        """

    @abstractmethod
    def records(self, types: Collection[str], upto: int | None = None) -> Iterator[StoredEvent]:
        """Yield the engine's own records of some types in order, without a search for them.

        Args:
            types: Some of `kamengine.vocabulary.OWN`.
            upto: The last position that counts; None for all.

        Raises:
            LogError: The log can't be read.
        """

    @abstractmethod
    def position_at(self, instant: int) -> int:
        """Return the position of the last event that was recorded before an instant, or 0.

        Args:
            instant: Microseconds since 1970, UTC.

        Raises:
            LogError: The log can't be read.
        """

    @abstractmethod
    def ids(self, positions: Collection[int]) -> dict[int, str]:
        """Map positions to the ids of the events there; those beyond the end are left out.

        Raises:
            LogError: The log can't be read.
        """

    @abstractmethod
    def ids_where(self, condition: str, limit: int = 1_000) -> list[str]:
        """Return the ids of events that fulfil a condition, oldest first.

        Args:
            condition: SQL over the columns of a `StoredEvent`.
            limit: How many at most.

        Raises:
            LogError: The log can't be read.
        """

    @abstractmethod
    def verify(self) -> Head:
        """Recompute the whole chain and return where it ends.

        Raises:
            CorruptLogError: It doesn't hold; the message names the first bad position.
            LogError: The log can't be read at all.
        """

    def append(self, batch: Sequence[NewEvent]) -> Receipt:
        """Take a batch in a transaction of its own; see `Transaction.append`."""
        with self.transaction() as transaction:
            return transaction.append(batch)
