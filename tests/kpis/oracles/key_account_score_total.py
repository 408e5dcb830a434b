"""The same ratings, added up."""

from __future__ import annotations

from kamengine.periods import Window
from tests.kpis.oracles.key_account_score import standing
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    tally = standing(events, windows)
    applies = tally.ratios()
    return {key: total for key, total in tally.sums().items() if key in applies}
