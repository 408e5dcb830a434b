"""The ratings of touches that a key contact attended."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.bonds import with_key_contacts
from tests.kpis.tally import Event, Tally, Values, around


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for touch in with_key_contacts(events):
        quality = touch["data"].get("quality")
        if quality is not None:
            for window in around(windows, touch["occurred_at"]):
                tally.add(touch["account_id"], window, quality)
    return tally.ratios()
