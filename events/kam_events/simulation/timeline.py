"""Where simulated events are put down, whenever they are known, and read back in order."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

import msgspec

from kam_events.simulation.calendar import Calendar

NULL = msgspec.Raw(b"null")
"""A field that is there and says null; one of None is left out."""

SOURCES = {
    "revenue": "billing",
    "cost": "billing",
    "pnl": "billing",
    "fx": "billing",
    "usage": "product",
    "issue": "helpdesk",
    "call": "helpdesk",
    "survey": "surveys",
    "manager": "hr",
    "coaching": "hr",
    "assessment": "hr",
    "feedback": "hr",
    "certification": "hr",
    "training": "hr",
    "web": "web",
}
"""The system that each noun comes from; all others are the CRM's."""


class Timeline:
    """Events to come, a list a month: what happens later may be put down early.

    Only the lines of the present month and of what is still under way are held, so that the
    length of the history costs no memory.
    """

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._months: list[list[tuple[int, bytes]]] = [[] for _ in calendar.months]
        self._encode = msgspec.json.Encoder().encode
        self._source: dict[str, str] = {}
        self._last_id = 0
        self._taken = -1

    def add(
        self,
        at: int,
        kind: str,
        data: dict[str, object],
        *,
        account: str | None = None,
        manager: str | None = None,
    ) -> None:
        """Put an event down, unless it would happen after the simulated time.

        Args:
            at: Seconds since the first day.
            kind: The event type's name.
            data: The payload; a field of None is left out.
            account: The account's id.
            manager: The manager's id.
        """
        if at >= self.calendar.end:
            return
        month = self.calendar.month(at)
        if month <= self._taken:
            raise ValueError(f"{kind} comes too late: its month has been handed over")
        source = self._source.get(kind) or self._find_source(kind)
        self._last_id += 1
        event: dict[str, object] = {"id": f"{source}-{self._last_id}", "type": kind}
        if account is not None:
            event["account_id"] = account
        if manager is not None:
            event["manager_id"] = manager
        event["occurred_at"] = self.calendar.text(at)
        event["source"] = source
        if None in data.values():
            data = {name: value for name, value in data.items() if value is not None}
        event["data"] = data
        self._months[month].append((at, self._encode(event)))

    def count(self, month: int) -> int:
        """Return how many events are put down for a month so far."""
        return len(self._months[month])

    def take(self, month: int) -> Iterator[bytes]:
        """Hand over a month's lines in order, and forget them."""
        self._taken = month
        lines, self._months[month] = self._months[month], []
        lines.sort(key=itemgetter(0))
        return (line for _, line in lines)

    def _find_source(self, kind: str) -> str:
        source = SOURCES.get(kind.partition(".")[0], "crm")
        self._source[kind] = source
        return source
