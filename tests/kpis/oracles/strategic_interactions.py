"""Touch by touch: who was there, and what it was about."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.bonds import DECIDES, attended
from tests.kpis.tally import Event, Tally, Values, around


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for touch, roles in attended(events):
        strategic = touch["data"].get("purpose") == "strategic"
        if touch["account_id"] is not None and (strategic or roles & DECIDES):
            for window in around(windows, touch["occurred_at"]):
                tally.add(touch["account_id"], window, 1)
    return tally.sums()
