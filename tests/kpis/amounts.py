"""What oracles share: amounts cut by months, and the days that a window is held against."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import msgspec

from kamengine.periods import Window
from tests.kpis.money import Rates
from tests.kpis.oracles.sales_revenue import monthly
from tests.kpis.tally import Event, Tally, Values, of_type

MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an amount that falls to a month; None where its currency has no rate."""

    account: str | None
    day: dt.date
    amount: Decimal | None
    event: Event


class Span(msgspec.Struct, frozen=True):
    """Local days from the first up to, not including, the last."""

    start: dt.date
    end: dt.date

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day < self.end


def amounts(events: list[Event], event_type: str, field: str = "amount") -> list[Amount]:
    """Cut all amounts of a type at the ends of months, in the reporting currency."""
    return cut(of_type(events, event_type), field, Rates(events))


def cut(events: Iterable[Event], field: str, rates: Rates) -> list[Amount]:
    """Cut what some events state for a period at the ends of months."""
    found = []
    for event in events:
        data = event["data"]
        amount = rates.convert(data[field], data.get("currency"), event["occurred_at"])
        start, end = (dt.date.fromisoformat(data[f]) for f in ("period_start", "period_end"))
        for day, part in monthly(amount or Decimal(0), start, end):
            known = None if amount is None else part
            found.append(Amount(account=event["account_id"], day=day, amount=known, event=event))
    return found


def costs(events: list[Event], *kinds: str) -> list[Amount]:
    """Return the recorded costs of some kinds."""
    return [c for c in amounts(events, "cost.recorded") if c.event["data"]["kind"] in kinds]


def in_span(items: Iterable[Amount], span: Span) -> dict[str | None, Decimal | None]:
    """Add up by account what counts in some days; None where a part of it is unknown."""
    gathered: dict[str | None, list[Decimal | None]] = defaultdict(list)
    for item in items:
        if item.day in span:
            gathered[item.account].append(item.amount)
    return {account: total(parts) for account, parts in gathered.items()}


def total(parts: Iterable[Decimal | None]) -> Decimal | None:
    """Add up; what lacks a part isn't known."""
    found = Decimal(0)
    for part in parts:
        if part is None:
            return None
        found += part
    return found


def days(window: Window) -> Span:
    """Return the days of a window itself."""
    return Span(window.start, window.end)


def previous(window: Window) -> Span:
    """Return the days of the window before: the same days, as many months earlier."""
    return Span(*(_earlier(d, MONTHS[window.kind]) for d in (window.start, window.end)))


def to_date(window: Window) -> Span:
    """Return the days of the calendar year up to the window's end."""
    last = window.end - dt.timedelta(days=1)
    return Span(dt.date(last.year, 1, 1), window.end)


def same_days_before(window: Window) -> Span:
    """Return the same days of the year before."""
    span = to_date(window)
    return Span(_earlier(span.start, 12), _earlier(span.end, 12))


def twelve_months(window: Window) -> Span:
    """Return the twelve months up to the window's end."""
    return Span(_earlier(window.end, 12), window.end)


def _earlier(day: dt.date, months: int) -> dt.date:
    for _ in range(months):
        last = day.replace(day=1) - dt.timedelta(days=1)
        day = last.replace(day=day.day)
    return day


class Unsure(Tally):
    """A tally in which one unknown amount makes all unknown that it concerns.

    ``unknown`` has the subjects and periods concerned.
    """

    def __init__(self) -> None:
        super().__init__()
        self.unknown: set[tuple[str, str]] = set()

    def put(
        self,
        account: str | None,
        window: Window,
        numerator: Decimal | int | None,
        denominator: Decimal | int | None = 1,
    ) -> None:
        """Let a pair count, or what it concerns be unknown."""
        if numerator is None or denominator is None:
            self.unknown |= {("organisation", window.period)}
            self.unknown |= {(account, window.period)} if account else set()
            return
        self.add(account, window, numerator, denominator)

    def ratios(self) -> Values:
        return self._known(super().ratios())

    def sums(self) -> Values:
        return self._known(super().sums())

    def _known(self, values: Values) -> Values:
        return {key: v for key, v in values.items() if key[1:] not in self.unknown}


def margins(
    windows: Iterable[Window],
    above: list[Amount],
    below: list[Amount],
    *,
    before: bool = False,
) -> Unsure:
    """Return amounts over other amounts, of each window or of the one before it."""
    tally = Unsure()
    for window in windows:
        span = previous(window) if before else days(window)
        for account, amount in in_span(above, span).items():
            tally.put(account, window, amount, 0)
        for account, amount in in_span(below, span).items():
            tally.put(account, window, 0, amount)
    return tally


def less(items: list[Amount]) -> list[Amount]:
    """Return the amounts, to be taken away."""
    return [
        msgspec.structs.replace(item, amount=None if item.amount is None else -item.amount)
        for item in items
    ]


def differences(now: Values, before: Values) -> dict[tuple[str, str, str], Fraction]:
    """Return one value less the other, wherever both are known."""
    return {key: now[key] - before[key] for key in now.keys() & before.keys()}
