"""What oracles share: contracts, told day by day from the raw events."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

import msgspec

from tests.kpis.money import Rates, rounded
from tests.kpis.tally import Event, of_type

DAY = dt.timedelta(days=1)


class Contract(msgspec.Struct, kw_only=True):
    """A contract as last stated, with what happened to it."""

    account: str
    starts: dt.date
    planned_end: dt.date
    ends: dt.date
    value: Decimal | None
    currency: str | None
    reason: str | None = None
    renewal: Event | None = None
    changes: list[tuple[dt.date, Decimal | None]] = []

    def covers(self, day: dt.date) -> bool:
        """Whether it is in force when a day begins."""
        return self.starts <= day < self.ends

    def worth(self, day: dt.date) -> Decimal | None:
        """Return its annual value when a day begins; None where a rate is missing."""
        parts = [self.value, *(change for since, change in self.changes if since <= day)]
        known = [part for part in parts if part is not None]
        return sum(known, Decimal(0)) if len(known) == len(parts) else None


class Book:
    """Every contract, by account."""

    def __init__(self, events: list[Event]) -> None:
        self._by_account: dict[str, list[Contract]] = defaultdict(list)
        for contract in contracts(events):
            self._by_account[contract.account].append(contract)

    @property
    def accounts(self) -> Iterable[str]:
        """Every account that ever had a contract."""
        return self._by_account.keys()

    def covered(self, account: str, day: dt.date) -> bool:
        """Whether an account is a customer when a day begins."""
        return any(contract.covers(day) for contract in self._by_account[account])

    def worth(self, account: str, day: dt.date) -> Decimal | None:
        """Return an account's recurring revenue when a day begins; None where unknown."""
        parts = [c.worth(day) for c in self._by_account[account] if c.covers(day)]
        known = [part for part in parts if part is not None]
        return sum(known, Decimal(0)) if len(known) == len(parts) else None


def contracts(events: list[Event]) -> list[Contract]:
    """Read the contracts out of the events: what was stated last holds."""
    return list(contracts_by_id(events).values())


def contracts_by_id(events: list[Event]) -> dict[tuple[str, str], Contract]:
    """Return the contracts by account and id."""
    rates = Rates(events)
    found: dict[tuple[str, str], Contract] = {}
    renewals: dict[tuple[str, str], Event] = {}
    for event in of_type(events, "contract.signed", "contract.renewed"):
        data, key = event["data"], _key(event, "contract_id")
        if event["type"] == "contract.renewed":
            renewals[key] = event
        planned_end = _day(data["ends_on"])
        found[key] = Contract(
            account=event["account_id"],
            starts=_day(data["starts_on"]),
            planned_end=planned_end,
            ends=planned_end,
            value=rates.convert(data["annual_value"], data.get("currency"), event["occurred_at"]),
            currency=data.get("currency"),
        )
    for event in of_type(renewals.values(), "contract.renewed"):
        prior = found.get(_key(event, "prior_contract_id"))
        if prior is not None:
            prior.renewal = event
    endings = {_key(e, "contract_id"): e["data"] for e in of_type(events, "contract.ended")}
    for key, contract in found.items():
        _settle(contract, endings.get(key))
    for event in of_type(events, "contract.amended"):
        amended = found.get(_key(event, "contract_id"))
        if amended is not None:
            data = event["data"]
            since = max(amended.starts, _day(data["effective_on"]))
            change = data["annual_value_change"]
            converted = rates.convert(change, amended.currency, event["occurred_at"])
            amended.changes.append((since, converted))
    return found


def _settle(contract: Contract, ending: Event | None) -> None:
    ends = [contract.planned_end]
    if contract.renewal is not None:
        ends.append(_day(contract.renewal["data"]["starts_on"]))
    if ending is not None:
        ends.append(_day(ending["effective_on"]))
        contract.reason = ending["reason"]
    contract.ends = max(contract.starts, min(ends))


def _key(event: Event, field: str) -> tuple[str, str]:
    return event["account_id"], event["data"][field]


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def parts(book: Book, account: str, start: dt.date, end: dt.date) -> Iterator[Fraction]:
    """Yield the part of a stretch of days that each run of cover in it takes up.

    Its two ends are rounded to six digits, as evidence keeps no more.
    """
    days = (end - start).days
    since: int | None = None
    for day in range(days + 1):
        covered = day < days and book.covered(account, start + day * DAY)
        if covered and since is None:
            since = day
        elif not covered and since is not None:
            yield _six_digits(day, days) - _six_digits(since, days)
            since = None


def _six_digits(day: int, days: int) -> Fraction:
    return Fraction(rounded(Decimal(day) / days))
