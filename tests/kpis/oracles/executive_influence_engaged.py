"""The same people, where a touch in the 90 days before names them."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.bonds import DECIDES, influence, midnight
from tests.kpis.cover import DAY
from tests.kpis.oracles.executive_influence import known
from tests.kpis.talk import completed, meetings
from tests.kpis.tally import Event, Tally, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally, met = Tally(), meetings(completed(events))
    for account, window, people in known(events, windows):
        since = midnight(f"{window.end - 90 * DAY}")
        for contact_id, contact in people.items():
            recent = any(since <= at < window.t1 for at in met[account, contact_id])
            if recent and contact.role(window.t1) in DECIDES:
                tally.add(account, window, influence(contact, window.t1))
        tally.add(account, window, 0)
    return tally.sums()
