"""Gross profit per customer and year, times the years that an average customer stays."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.money import rounded
from tests.kpis.oracles import customer_churn_rate, gross_margin, revenue_per_account
from tests.kpis.tally import Event, Values

LONGEST = 10


def expected(events: list[Event], windows: list[Window]) -> Values:
    churn = customer_churn_rate.expected(events, windows)
    tally = gross_margin.margin(events, windows)
    profit, margin = tally.sums(), tally.ratios()
    months = {w.period: sum((Fraction(p.share) for p in w.pieces), Fraction(0)) for w in windows}
    found = {}
    for key, _, customers in revenue_per_account.averages(events, windows):
        lost = churn.get(("organisation", "organisation", key[2]))
        if lost is None or key not in margin:
            continue
        length = months[key[2]]
        if 12 * lost * LONGEST > length:
            found[key] = profit[key] / customers / lost
        else:
            # what lies below the line keeps six digits
            below = customers * length
            exact = rounded(Decimal(below.numerator) / below.denominator)
            found[key] = profit[key] * 12 * LONGEST / Fraction(exact)
    return found
