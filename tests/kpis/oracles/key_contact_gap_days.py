"""For each customer at a window's end, ask every key contact when they were last met."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.cover import Book
from tests.kpis.talk import KEY_ROLES, active_at_end, completed, contacts, first_owned, meetings
from tests.kpis.tally import Event, Tally, Values

A_DAY = 86_400_000_000


def expected(events: list[Event], windows: list[Window]) -> Values:
    known, met, owned = contacts(events), meetings(completed(events)), first_owned(events)
    tally = Tally()
    for account, window in active_at_end(Book(events), windows):
        waiting = []
        for contact_id, contact in known.get(account, {}).items():
            if contact.role(window.t1) in KEY_ROLES:
                moments = [m for m in met[account, contact_id] if m < window.t1]
                start = owned.get(account, window.t1)
                known_at = max(contact.known_at, start if start < window.t1 else contact.known_at)
                waiting.append(max(moments, default=known_at))
        if waiting:
            gap = window.t1 - min(waiting)
            tally.add(account, window, gap // dt.timedelta(microseconds=1), A_DAY)
    return tally.ratios()
