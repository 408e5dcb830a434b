"""A year's revenue per account, times the years that an average customer stays, ten at most."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.money import rounded
from tests.kpis.oracles import customer_churn_rate, revenue_per_account
from tests.kpis.tally import Event, Values

LONGEST = 10


def expected(events: list[Event], windows: list[Window]) -> Values:
    churn = customer_churn_rate.expected(events, windows)
    months = {w.period: sum((Fraction(p.share) for p in w.pieces), Fraction(0)) for w in windows}
    found = {}
    for key, revenue, customers in revenue_per_account.averages(events, windows):
        lost = churn.get(("organisation", "organisation", key[2]))
        if lost is None:
            continue
        years = months[key[2]] / 12
        if lost * LONGEST > years:
            found[key] = revenue / customers / years * (years / lost)
        else:
            # what lies below the line keeps six digits
            below = rounded(_decimal(customers * years * 12))
            found[key] = revenue * 12 * LONGEST / Fraction(below)
    return found


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)
