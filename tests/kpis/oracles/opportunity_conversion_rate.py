"""Each deal, from the window in which it was opened."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.deals import deals
from tests.kpis.tally import Event, Tally, Values, around


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = Tally()
    for deal in deals(events):
        if deal.opened_at is not None:
            for window in around(windows, deal.opened_at):
                tally.add(deal.account, window, int(deal.outcome == "won"))
    return tally.ratios()
