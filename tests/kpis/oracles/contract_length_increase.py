"""Renewals one by one: the months of the new term less those of the one before, told by hand."""

from __future__ import annotations

import calendar
import datetime as dt
from fractions import Fraction

from kamengine.periods import Window
from tests.kpis.tally import Event, Tally, Values, around, of_type


def expected(events: list[Event], windows: list[Window]) -> Values:
    told = of_type(events, "contract.signed", "contract.renewed")
    first: dict[tuple[str, str], dt.datetime] = {}
    terms: dict[tuple[str, str], Fraction] = {}
    priors: dict[tuple[str, str], str] = {}
    for event in told:
        data, key = event["data"], (event["account_id"], event["data"]["contract_id"])
        first.setdefault(key, event["occurred_at"])
        terms[key] = _months(data)
        if event["type"] == "contract.renewed":
            priors[key] = data["prior_contract_id"]
    tally, unknown = Tally(), set()
    for (account, contract), prior in priors.items():
        for window in around(windows, first[account, contract]):
            if (account, prior) in terms:
                longer = terms[account, contract] - terms[account, prior]
                tally.add(account, window, longer)
            else:
                unknown |= {(account, window.period), ("organisation", window.period)}
    return {key: value for key, value in tally.ratios().items() if key[1:] not in unknown}


def _months(data: Event) -> Fraction:
    if data.get("term_months"):
        return Fraction(data["term_months"])
    start, end = (dt.date.fromisoformat(data[name]) for name in ("starts_on", "ends_on"))
    months = Fraction(12 * (end.year - start.year) + end.month - start.month)
    if _is_last(start) and _is_last(end):
        return months
    return months + Fraction(end.day - start.day, 31)


def _is_last(day: dt.date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]
