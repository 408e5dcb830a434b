"""The hash chain: each event's hash covers the event and the hash before it.

``hash = sha256(hash before + MessagePack of the array of the row's other columns, in the order of
the table)``; before the first event stand 32 zero bytes. MessagePack gives every value its type and
length, so no two rows have the same encoding, and any language can recompute it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import TypeAlias

import msgspec

from kamengine.errors import CorruptLogError
from kamengine.log.contract import Head, NewEvent

Unhashed: TypeAlias = tuple[int, str, str, int, str | None, str | None, int, int, str | None, str]
"""A row without its hash: position, id, type, version, account_id, manager_id, occurred_at,
recorded_at, source, data."""

Row: TypeAlias = tuple[int, str, str, int, str | None, str | None, int, int, str | None, str, bytes]
"""A row of the log: `Unhashed` and its hash."""

Parameters: TypeAlias = list[int | str | bytes | None]
"""Rows laid end to end, as one statement that inserts many of them takes them."""

_encode = msgspec.msgpack.Encoder().encode


class OutOfOrderError(Exception):
    """A given ``recorded_at`` lies before that of the event ahead of it."""


def extend(head: Head, batch: Sequence[NewEvent], now: int) -> tuple[Head, Parameters]:
    """Give each event of a batch its position, ``recorded_at`` and hash behind a head.

    This is one of the two loops that every event passes: it is kept flat for that reason.

    Returns:
        The new head, and the rows to insert.

    Raises:
        OutOfOrderError: A ``recorded_at`` would decrease.
    """
    position, previous, recorded = head.position, head.hash, head.recorded_at
    rows: Parameters = []
    keep = rows.append
    for id_, type_, version, account, manager, occurred, given, source, data in batch:
        position += 1
        latest, recorded = recorded, now if given is None else given
        if recorded < latest:
            raise OutOfOrderError
        row = (position, id_, type_, version, account, manager, occurred, recorded, source, data)
        previous = sha256(previous + _encode(row)).digest()
        rows += row
        keep(previous)
    return Head(position, previous, recorded), rows


def check(rows: Iterable[Row]) -> Head:
    """Recompute the chain over all rows of a log, in order, and return where it ends.

    Raises:
        CorruptLogError: It doesn't hold.
    """
    position, previous, recorded = 0, Head().hash, 0
    for row in rows:
        if row[0] != position + 1:
            raise CorruptLogError(
                f"The log has no event at position {position + 1}; the next one is at {row[0]}",
                hint=HINT,
            )
        position, recorded = row[0], row[7]
        previous = sha256(previous + _encode(row[:-1])).digest()
        if previous != row[-1]:
            raise CorruptLogError(
                f"The event at position {position} isn't what was recorded there: "
                "its hash doesn't match",
                value=row[1],
                hint=HINT,
            )
    return Head(position, previous, recorded)


HINT = "events from there on can't be trusted: restore the log from a copy that verifies"
