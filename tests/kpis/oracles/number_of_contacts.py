"""For each window, ask every contact on file whether we talked in the 180 days before its end."""

from __future__ import annotations

import datetime as dt

from kamengine.periods import Window
from tests.kpis.talk import completed, contacts, meetings, two_way
from tests.kpis.tally import Event, Tally, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    met = meetings([touch for touch in completed(events) if two_way(touch)])
    tally = Tally()
    for account, known in contacts(events).items():
        for contact_id, contact in known.items():
            for window in windows:
                day = window.end - dt.timedelta(days=180)
                since = dt.datetime.combine(day, dt.time(), dt.UTC)
                talked = any(since <= moment < window.t1 for moment in met[account, contact_id])
                if talked and contact.role(window.t1) is not None:
                    tally.add(account, window, 1)
    return tally.sums()
