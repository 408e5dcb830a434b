"""The same leads, over the calendar months of each window."""

from __future__ import annotations

from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.oracles import qualified_leads
from tests.kpis.tally import Event, Values


def expected(events: list[Event], windows: list[Window]) -> Values:
    months = {w.period: sum((Fraction(p.share) for p in w.pieces), Fraction(0)) for w in windows}
    counts = qualified_leads.expected(events, windows)
    return {key: count / months[key[2]] for key, count in counts.items()}
