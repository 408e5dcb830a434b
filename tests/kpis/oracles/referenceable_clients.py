"""For each customer at each window's end, every consent and what became of it by then."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.bonds import last_instant
from tests.kpis.cover import Book
from tests.kpis.talk import active_at_end
from tests.kpis.tally import Event, Tally, Values, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    return counted(events, windows).ratios()


def counted(events: list[Event], windows: list[Window]) -> Tally:
    """Count active accounts, and above the line those that may be named."""
    tally = Tally()
    told = of_type(events, "reference.agreed", "reference.withdrawn")
    for account, window in active_at_end(Book(events), windows):
        said = [event for event in told if event["account_id"] == account]
        tally.add(account, window, int(_agrees(said, window.t1)))
    return tally


def _agrees(said: list[Event], end: dt.datetime) -> bool:
    """Play what was said up to an end; a consent that runs out just then still holds."""
    consents: list[tuple[str | None, dt.datetime | None]] = []
    for event in said:
        data = event["data"]
        contact, day = data.get("contact_id"), data.get("valid_to")
        if event["occurred_at"] >= end:
            break
        if event["type"] == "reference.agreed":
            consents.append((contact, last_instant(day) if day else None))
        else:
            consents = [c for c in consents if contact is not None and c[0] != contact]
    return any(
        until is None or until >= end - dt.timedelta(microseconds=1) for _, until in consents
    )
